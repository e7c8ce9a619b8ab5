import type { AssetName, CloudinaryApi, FoundAsset, Looked } from "../../lib/cloudinary/api.ts";
import type { Json } from "../../lib/deliveries/handler.ts";
import { rowsOfFound } from "./asset-facts.ts";
import {
  combineDecisions,
  type FinalStatus,
  isFinal,
  type LedgerRow,
  summaryKind,
} from "./combine-decisions.ts";
import type { DecisionTarget } from "./ledger.ts";

/** The state of an asset at Cloudinary, and the call that returned it. */
export interface Seen {
  asset: FoundAsset;
  by: "explicit" | "admin";
}

/**
 * Reads the asset with an `explicit` call without changes (Upload API, not rate limited). If the response lacks the version or the
 * needed data, or the name belongs to no asset or to another one, one Admin API call reads it by id. null if the asset is gone.
 */
export async function ask(
  api: CloudinaryApi,
  target: DecisionTarget,
  name: AssetName,
  needs: "moderation" | "access" = "moderation",
): Promise<Seen | null> {
  const looked = await api.look(name);
  const isOther =
    target.assetId !== null && looked?.asset_id !== undefined && looked.asset_id !== target.assetId;
  if (
    looked?.version !== undefined &&
    !isOther &&
    (has[needs](looked) || looked.version !== target.version)
  ) {
    const asset = {
      ...looked,
      public_id: looked.public_id ?? name.publicId,
      resource_type: looked.resource_type ?? name.resourceType,
      type: looked.type ?? name.type,
      version: looked.version,
    };
    return { asset, by: "explicit" };
  }
  const found = await find(api, target, name);
  return found && { asset: found, by: "admin" };
}

const has = {
  moderation: ({ moderation }: Looked) => Boolean(moderation),
  access: ({ access_control: control, access_mode: mode }: Looked) => control !== undefined || Boolean(mode),
};

export async function find(
  api: CloudinaryApi,
  target: DecisionTarget,
  name: AssetName,
): Promise<FoundAsset | null> {
  return await api.find(target.assetId === null ? { assetId: null, name } : { assetId: target.assetId });
}

export type Confirmation =
  | "confirmed"
  /** Cloudinary has a later opposite decision, which has its own notification. */
  | "overtaken"
  /** Other kinds have not decided yet. */
  | "undecided"
  | "kinds-disagree"
  | "not-confirmed";

/** Compares the notification with the status of this version at Cloudinary. */
export function confirmationOf(
  { asset }: Seen,
  decision: { row: LedgerRow; kind: string; status: FinalStatus },
  several: "one-rejection-decides" | "hold",
): Confirmation {
  const { row, kind, status } = decision;
  const said = rowsOfFound(asset);
  // A summary that names no kinds is confirmed by any; otherwise only by the kind whose rule it was given.
  const own = said.filter((decision) => kind === summaryKind || decision.kind === kind);
  if (!own.some((decision) => decision.status === status)) {
    const turned = own.some(
      (decision) =>
        isFinal(decision.status) &&
        decision.status !== status &&
        secondOf(decision.decidedAt) >= secondOf(row.decidedAt),
    );
    return turned ? "overtaken" : "not-confirmed";
  }
  const overall = combineDecisions(said, several);
  if (overall.kind === "open") return "undecided";
  if (overall.kind === "split") return "kinds-disagree";
  return overall.status === status ? "confirmed" : "overtaken";
}

/** Cloudinary dates decisions to the second: of two in the same second it knows the later one. */
function secondOf(decidedAt: number): number {
  return Math.floor(decidedAt / 1_000);
}

/** The status in the notification and at Cloudinary, stored for the operator who investigates the difference. */
export function bothStatuses(
  seen: Seen,
  target: DecisionTarget,
  { row, kind }: { row: LedgerRow; kind: string },
): { [key: string]: Json } {
  return {
    notification: {
      kind,
      status: row.status,
      version: target.version,
      decidedAt: new Date(row.decidedAt).toISOString(),
    },
    cloudinary: {
      version: seen.asset.version,
      moderation: (seen.asset.moderation ?? []).map(({ kind, status, updated_at }) => ({
        kind,
        status,
        updatedAt: updated_at ?? null,
      })),
    },
    askedBy: seen.by,
  };
}
