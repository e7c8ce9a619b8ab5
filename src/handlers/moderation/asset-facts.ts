import * as z from "zod";
import type { AccessControl, FoundAsset } from "../../lib/cloudinary/api.ts";
import type { NotificationOf } from "../../lib/notifications/notification.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { ceiling } from "../../lib/shared/ceiling.ts";
import type { Settings } from "../../settings.types.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { datedDecisions } from "./decision-target.ts";
import { type DecisionTarget, isSame, type Known, untouched } from "./ledger.ts";
import type { Traits } from "./rules.ts";

/** Data about the asset for rules and calls, from the recorded upload or from Cloudinary. */
export interface AssetFacts {
  assetFolder: string | null;
  tags: readonly string[];
  /** undefined: unknown. Empty or null: public. */
  accessControl: AccessControl;
  /** The older way to restrict an asset; null if unknown. */
  accessMode: string | null;
}

const uploadFields = z.looseObject({
  access_control: z
    .array(z.looseObject({ access_type: z.string(), start: z.string().nullish(), end: z.string().nullish() }))
    .nullish(),
  access_mode: z.string().nullish(),
  existing: z.boolean().nullish(),
});

/**
 * The recorded facts about the asset (null if the upload of this version was not recorded) and all recorded decisions. Uploads by the hook
 * for visitors, and to existing names, supply no facts.
 */
export function recordedFacts(
  known: Known,
  settings: Settings,
): { facts: AssetFacts | null; rows: LedgerRow[] } {
  let facts: AssetFacts | null = null;
  const rows: LedgerRow[] = [];
  for (const { body, heardAt, isPublic } of known.recorded) {
    const parsed = parse(body, ceiling(heardAt, settings));
    if (!parsed.ok) continue;
    const { notification } = parsed;
    if (notification.type === "upload" && !isPublic) facts = factsOfUpload(notification, known) ?? facts;
    if ("decisions" in notification)
      for (const decision of datedDecisions(notification.decisions, notification.occurredAt ?? heardAt))
        rows.push({ ...untouched, ...decision });
  }
  return {
    facts,
    rows: rows.filter((row) => ![...known.rows, ...known.takenBack].some((noted) => isSame(noted, row))),
  };
}

function factsOfUpload({ assets, body }: NotificationOf<"upload">, known: Known): AssetFacts | null {
  const fields = uploadFields.safeParse(body);
  const said = fields.success ? fields.data : {};
  if (said.existing === true) return null;
  const isPublic = said.access_control === undefined && said.access_mode === "public";
  return {
    assetFolder: assets[0]?.asset_folder ?? null,
    tags: assets[0]?.tags ?? [],
    accessControl: known.accessChanged ? undefined : isPublic ? null : said.access_control,
    accessMode: known.accessChanged ? null : (said.access_mode ?? null),
  };
}

/** The facts as Cloudinary has them; `recorded` for those that its response lacks. */
export function factsOfFound(found: FoundAsset, recorded: AssetFacts | null = null): AssetFacts {
  return {
    assetFolder: found.asset_folder ?? found.folder ?? recorded?.assetFolder ?? null,
    tags: found.tags ?? recorded?.tags ?? [],
    accessControl: found.access_control === undefined ? recorded?.accessControl : found.access_control,
    accessMode: found.access_mode ?? recorded?.accessMode ?? null,
  };
}

/** The decisions that Cloudinary returns; they are not written to the ledger. */
export function rowsOfFound(found: FoundAsset): LedgerRow[] {
  return (found.moderation ?? []).map(({ kind, status, updated_at }) => {
    const at = Date.parse(updated_at ?? "");
    // Without a time it counts as the oldest: it only shows which kinds exist.
    const decidedAt = Number.isNaN(at) ? 0 : at;
    return { ...untouched, kind: kind.split(":", 1)[0] ?? kind, status, decidedAt };
  });
}

export function traitsOf(
  target: DecisionTarget,
  known: Known,
  facts: AssetFacts | null,
  kind: string,
): Traits {
  return {
    kind,
    resourceType: target.resourceType,
    type: target.type,
    publicId: target.publicId,
    assetFolder: facts?.assetFolder ?? null,
    tags: facts?.tags ?? [],
    backgroundRemoved: known.backgroundRemoved,
  };
}
