import { type AssetFacts, recordedFacts } from "../../../handlers/moderation/asset-facts.ts";
import {
  combineDecisions,
  isFinal,
  kindBehind,
  type LedgerRow,
  sameOutcome,
} from "../../../handlers/moderation/combine-decisions.ts";
import { untouched } from "../../../handlers/moderation/ledger.ts";
import { planOf } from "../../../handlers/moderation/plan.ts";
import { actionFor } from "../../../handlers/moderation/rules.ts";
import { belongsToAccount } from "../../../lib/cloudinary/belongs-to-account.ts";
import type { Asset } from "../../../lib/notifications/notification.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { cloudInId } from "../../../lib/shared/asset-prefix.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings as deployed } from "../../../settings.ts";
import type { Settings } from "../../../settings.types.ts";
import type { BoardFacts, Consequence, DeletionCap, PictureAccess } from "../../shared/moderation.ts";

/** The data from which the facts of a card are computed. */
export interface FactSource {
  assetId: string;
  version: number;
  kind: string;
  status: string;
  decidedAt: Date;
  publicId: string | null;
  /** Why its delivery is held; null if it is not held. */
  heldFor: string | null;
  /** A dead letter; replaying it releases nothing. */
  isDead?: boolean;
  /** An operator released it before. */
  wasReleased?: boolean;
  /** Its own body holds the word, whether or not it has come to be a decision. */
  saysRejected?: boolean;
  /** All decisions on this version. */
  rows: BoardRow[];
  /** The recorded upload of this version, or another notification about it. */
  body: Uint8Array | null;
  backgroundRemoved: boolean;
  accessChanged: boolean;
}

export type BoardRow = LedgerRow & { isTakenBack: boolean };

export interface FactContext {
  settings: Settings["moderation"];
  /** The first cloud; null if no account is configured. */
  cloudName: string | null;
  /** The other clouds with an account. */
  otherClouds: ReadonlySet<string>;
  /** Viewers see a lock instead. */
  maySeeRestricted: boolean;
  cap: DeletionCap;
  now: number;
}

/** `cloudName`: the card's own cloud, if it has an account. */
type CardContext = Omit<FactContext, "otherClouds">;

/** Hold reasons for which a release only checks again. */
const looksAgain = new Set([
  "replaced",
  "kinds-disagree",
  "gone",
  "already-deleted",
  "other-cloud",
  "version-unknown",
  "asset-unknown",
  "background-removal-failed",
]);

/** The facts of a card: its name, who can see it, and the effect of each action under the rules. */
export function factsOf(recorded: FactSource, { cloudName, otherClouds, ...rest }: FactContext): BoardFacts {
  const inId = cloudInId(recorded.assetId);
  const context = { ...rest, cloudName: inId === null ? cloudName : otherClouds.has(inId) ? inId : null };
  // Releasing an unconfirmed decision asks Cloudinary again.
  const asksAgain = recorded.heldFor === "not-confirmed";
  const rows = recorded.rows.filter((row) => !row.isTakenBack && (asksAgain || !row.unconfirmed));
  const source = { ...recorded, rows };
  const about = aboutOf(source, context);
  const restricted = isRestricted(recorded, about);
  const judging = { source, about, context };
  const waits = source.status === "pending" && source.heldFor === null && context.cloudName !== null;
  return {
    name: nameOf(source, about),
    folder: folderOf(source, about),
    resourceType: about.asset?.resource_type ?? "image",
    restricted,
    picture: pictureOf(about, { restricted, context }),
    backgroundRemoved: source.backgroundRemoved,
    takenBack: isTakenBack(recorded),
    approve: waits ? onDecision("approved", judging) : null,
    reject: waits ? onDecision("rejected", judging) : null,
    release: source.heldFor === null ? null : onRelease(judging),
    canTakeBack: context.cloudName !== null && canTakeBack(source),
  };
}

function canTakeBack({ rows }: FactSource): boolean {
  return (
    rows.some(({ status }) => isFinal(status)) &&
    rows.every(
      ({ action, begunAt, carriedOutAt }) =>
        begunAt === null && (action !== "delete" || carriedOutAt === null),
    )
  );
}

/** It awaits a decision again after it was decided. Cloudinary's decision times have a resolution of one second. */
function isTakenBack({ kind, status, decidedAt, rows }: FactSource): boolean {
  return (
    status === "pending" &&
    rows.some(
      (row) =>
        row.isTakenBack ||
        (row.kind === kind && isFinal(row.status) && row.decidedAt + 1_000 <= decidedAt.getTime()),
    )
  );
}

interface About {
  asset: Asset | undefined;
  /** null if the upload of this version was not recorded. */
  facts: AssetFacts | null;
}

interface Judging {
  source: FactSource;
  about: About;
  context: CardContext;
}

function aboutOf({ body, rows, accessChanged }: FactSource, { now }: CardContext): About {
  if (body === null) return { asset: undefined, facts: null };
  // Only its asset data is used here, not its times and versions.
  const heardAt = new Date(now);
  const parsed = parse(body, ceiling(heardAt, deployed));
  const recorded = [{ id: "", body, heardAt, isPublic: false }];
  const known = {
    rows,
    takenBack: [],
    recorded,
    accessChanged,
    deleted: false,
    backgroundRemoved: false,
    newest: 0,
    released: false,
  };
  return {
    asset: parsed.ok ? parsed.notification.assets[0] : undefined,
    facts: recordedFacts(known, deployed).facts,
  };
}

/** The effect of an operator's decision, combined with all earlier decisions. */
function onDecision(status: "approved" | "rejected", { source, about, context }: Judging): Consequence {
  const word = { ...untouched, kind: source.kind, status, decidedAt: context.now };
  const combined = combineDecisions([...source.rows, word], context.settings.several);
  if (combined.kind === "open") return { does: "nothing" };
  if (combined.kind === "split") return { does: "hold" };
  const rows = [...source.rows, word];
  if (sameOutcome(rows, combined).some(({ carriedOutAt }) => carriedOutAt !== null))
    return { does: "nothing" };
  const kind = kindBehind(combined.row, rows);
  return consequenceOf(
    combined.status,
    kind,
    { source, about, context },
    { released: false, decidedAt: context.now },
  );
}

function onRelease({ source, about, context }: Judging): Consequence {
  if (source.heldFor === null || looksAgain.has(source.heldFor) || context.cloudName === null)
    return { does: "nothing" };
  const combined = combineDecisions(source.rows, context.settings.several);
  // A dead letter may have failed before its decision was recorded.
  const isUnrecorded = source.isDead
    ? !source.rows.some(({ status }) => status === "rejected")
    : source.rows.length === 0;
  if (source.saysRejected && isUnrecorded) return { does: "delete", afterMs: 0 };
  if (combined.kind !== "final") return { does: "nothing" };
  const kind = kindBehind(combined.row, source.rows);
  const released = source.isDead !== true || source.wasReleased === true;
  const said = { released, decidedAt: combined.row.decidedAt };
  return consequenceOf(combined.status, kind, { source, about, context }, said);
}

function consequenceOf(
  status: "approved" | "rejected",
  kind: string,
  { source, about, context }: Judging,
  { released, decidedAt }: { released: boolean; decidedAt: number },
): Consequence {
  const { settings, cloudName, cap, now } = context;
  const { asset, facts } = about;
  const publicId = asset?.public_id ?? source.publicId ?? "";
  const urls = asset?.secure_url === undefined ? [] : [asset.secure_url];
  if (cloudName === null || !belongsToAccount({ cloud: null, urls }, { cloudName, hosts: settings.ownHosts }))
    return { does: "hold" };
  const chosen = actionFor(
    status,
    {
      kind,
      resourceType: asset?.resource_type ?? "image",
      type: asset?.type ?? "upload",
      publicId,
      assetFolder: facts?.assetFolder ?? asset?.asset_folder ?? null,
      tags: facts?.tags ?? asset?.tags ?? [],
      backgroundRemoved: source.backgroundRemoved,
    },
    settings,
  );
  if (settings.dryRun && (chosen.do === "delete" || chosen.do === "publish")) return { does: "nothing" };
  const plan = planOf({
    status,
    chosen,
    type: asset?.type ?? "upload",
    facts: {
      // An asset that was not restricted at upload is public, unless its access was changed later.
      accessControl: source.accessChanged || facts === null ? undefined : (facts.accessControl ?? null),
      accessMode: facts?.accessMode ?? null,
    },
    released,
  });
  switch (plan.do) {
    case "nothing":
    case "hold":
      return { does: plan.do };
    case "tell":
      return { does: "notify" };
    case "effect": {
      const { effect } = plan;
      if (effect.do === "publish")
        return { does: "publish", as: effect.by === "rename" ? inFolder(effect.folder, publicId) : publicId };
      if (!released && cap.left === 0) return { does: "hold" };
      const until = chosen.do === "delete" ? decidedAt + settings.deleteAfterMs : now;
      return { does: "delete", afterMs: Math.max(0, until - now) };
    }
    default:
      return plan satisfies never;
  }
}

function inFolder(folder: string | undefined, publicId: string): string {
  return folder === undefined || publicId.startsWith(`${folder}/`) ? publicId : `${folder}/${publicId}`;
}

function isRestricted(source: FactSource, { asset, facts }: About): boolean {
  const published = source.rows.filter(
    ({ action, carriedOutAt }) => action === "publish" && carriedOutAt !== null,
  );
  if (published.some(({ isTakenBack }) => !isTakenBack)) return false;
  // Taking back restricts it again, regardless of the notifications of its publication.
  if (published.length > 0) return true;
  if (asset?.type !== undefined && asset.type !== "upload") return true;
  return facts?.accessControl?.some(({ access_type }) => access_type !== "anonymous") ?? false;
}

function pictureOf(
  { asset }: About,
  { restricted, context }: { restricted: boolean; context: CardContext },
): PictureAccess {
  if (!asset?.secure_url || !asset.public_id) return { by: "none", reason: "not-recorded" };
  if (asset.resource_type === "raw") return { by: "none", reason: "not-a-picture" };
  if (!restricted) return { by: "url", url: asset.secure_url };
  if (!context.maySeeRestricted) return { by: "none", reason: "restricted" };
  if (context.cloudName === null) return { by: "none", reason: "no-account" };
  const own = { cloudName: context.cloudName, hosts: context.settings.ownHosts };
  const isOwn = belongsToAccount({ cloud: null, urls: [asset.secure_url] }, own);
  return isOwn ? { by: "signed" } : { by: "none", reason: "other-cloud" };
}

function nameOf({ publicId, assetId }: FactSource, { asset }: About): string {
  const end = (publicId ?? assetId).split("/").at(-1) ?? assetId;
  return asset?.display_name || end;
}

function folderOf({ publicId }: FactSource, { asset }: About): string | null {
  const inName = publicId?.split("/").slice(0, -1).join("/") || null;
  return asset?.asset_folder || inName;
}
