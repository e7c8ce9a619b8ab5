import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type {
  Asset,
  CloudinaryNotification,
  Decision,
  Derived,
} from "../../lib/notifications/notification.ts";
import type { PimSettings } from "../../settings.types.ts";
import { accessOf, accessOfUpload } from "./access.ts";
import { claimsAt, claimsOfAsset } from "./claims.ts";
import { happenedAt, namedAt } from "./event-time.ts";
import type { AssetFacts, Claim, FailedRendition, Instant, ModerationStatus, Rendition } from "./facts.ts";
import { derivedRendition, failedRendition, type Moment, originalRendition } from "./rendition.ts";
import { isExisting, isUntrusted } from "./untrusted.ts";

/** A change to one asset. */
export type Change =
  | { kind: "put"; facts: AssetFacts; rendition: Rendition }
  | { kind: "fail"; facts: AssetFacts; failed: FailedRendition }
  | { kind: "remove"; facts: AssetFacts; at: Instant; version: number | null; named: boolean }
  | { kind: "rename"; facts: AssetFacts & Required<Pick<AssetFacts, "publicId">> }
  | { kind: "map"; facts: AssetFacts & { restoredAt?: Instant } };

/** The changes that a notification makes, for each asset; null if its type does not affect products. */
export function changesOf(notification: RecordedNotification, settings: PimSettings): Change[] | null {
  const { content } = notification;
  const at = happenedAt(notification);
  const read = (asset: Asset) => factsOf(asset, momentOf(content, asset, at), notification, settings);
  const map = (asset: Asset, extra: Partial<AssetFacts> & { restoredAt?: Instant }): Change => {
    const facts = read(asset);
    return { kind: "map", facts: { ...facts, ...extra, claims: [...facts.claims, ...(extra.claims ?? [])] } };
  };
  const told = claimsAt(at, settings);
  const isConfirmed = isCloudinarysAnswer(notification);
  const statusesOf = (asset: Asset, decisions: readonly Decision[]) =>
    statuses(asset, decisions, at).map((status) => ({ ...status, isConfirmed }));

  switch (content.type) {
    case "upload": {
      const moderation = content.assets.flatMap((asset) => statusesOf(asset, content.decisions));
      const { access_control, access_mode } = content.body;
      const access = content.existing ? {} : accessOfUpload({ access_control, access_mode }, at);
      return content.assets.flatMap((asset) =>
        pictures(asset, content, at, settings, {
          ...read(asset),
          ...access,
          ...formatOf(asset, content, at),
          moderation,
        }),
      );
    }
    case "eager":
      return content.assets.flatMap((asset) => pictures(asset, content, at, settings, read(asset)));
    case "moderation":
    case "moderation_summary":
      return content.assets.map((asset) => map(asset, { moderation: statusesOf(asset, content.decisions) }));
    case "delete":
    case "delete_by_token":
      return content.assets.map((asset) => ({
        kind: "remove",
        facts: read(asset),
        at,
        version: asset.version ?? null,
        named: asset.asset_id !== undefined,
      }));
    case "rename":
      return content.assets.map((asset) => {
        const moment = { at, namedAt: at };
        return {
          kind: "rename",
          facts: {
            ...factsOf(asset, moment, notification, settings),
            publicId: { value: content.to, at },
            formerPublicId: content.from,
          },
        };
      });
    case "move":
      return content.changes.map(({ asset, next }) =>
        map(
          asset,
          next === null ? {} : { folder: { value: next, at }, claims: told.pattern("folder", next) },
        ),
      );
    case "resource_display_name_changed":
      return content.changes.map(({ asset, next }) =>
        map(
          asset,
          next === null
            ? {}
            : { displayName: { value: next, at }, claims: told.pattern("display-name", next) },
        ),
      );
    case "resource_tags_changed":
      return content.changes.map(({ asset, added, removed }) =>
        map(asset, { claims: told.tagChange(added, removed) }),
      );
    case "resource_context_changed":
      return content.changes.map(({ asset, set, removed }) =>
        map(asset, { claims: told.values("context", withGone(removed, set)) }),
      );
    case "resource_metadata_changed":
      return content.changes.map(({ asset, previous, next }) =>
        map(asset, {
          claims: next === null ? [] : told.values("metadata", withGone(Object.keys(previous ?? {}), next)),
        }),
      );
    case "access_control_changed":
      return content.changes.map(({ asset, next }) => map(asset, accessOf(next ?? undefined, at)));
    case "restore_asset_version":
      return content.assets.map((asset) => map(asset, { restoredAt: at }));
    default:
      return null;
  }
}

/** The receiver read it from Cloudinary itself: nobody else can have written it. */
export function isCloudinarysAnswer({ source }: RecordedNotification): boolean {
  return source === "reconcile";
}

function momentOf(content: CloudinaryNotification, asset: Asset, at: Instant): Moment {
  return { at, namedAt: namedAt(content, asset) };
}

function factsOf(
  asset: Asset,
  moment: Moment,
  notification: RecordedNotification,
  settings: PimSettings,
): AssetFacts & { claims: Claim[] } {
  const { namedAt: named } = moment;
  // What exists already tells only what it is, and not what the request wanted it to be.
  const told = isExisting(notification.content) ? identityOf(asset) : asset;
  const { public_id, type, asset_folder, display_name } = told;
  return {
    assetId: asset.identity,
    receivedAt: notification.receivedAt,
    untrusted: isUntrusted(asset, notification, settings),
    ...(asset.resource_type !== undefined && { resourceType: asset.resource_type }),
    ...(asset.version !== undefined && { version: asset.version }),
    ...(public_id !== undefined && { publicId: { value: public_id, at: named } }),
    ...(type !== undefined && { deliveryType: { value: type, at: named } }),
    ...(asset_folder !== undefined && { folder: { value: asset_folder, at: named } }),
    ...(display_name !== undefined && { displayName: { value: display_name, at: named } }),
    claims: claimsOfAsset(told, moment, settings),
  };
}

function formatOf(
  { format }: Asset,
  { existing, body }: Extract<CloudinaryNotification, { type: "upload" }>,
  at: Instant,
): Pick<AssetFacts, "format"> {
  const { is_audio: isAudio } = body;
  if (existing || (format === undefined && typeof isAudio !== "boolean")) return {};
  return {
    format: { value: { format: format ?? "", isAudio: typeof isAudio === "boolean" ? isAudio : null }, at },
  };
}

function identityOf({ identity, public_id, resource_type, type }: Asset): Asset {
  return {
    identity,
    ...(public_id !== undefined && { public_id }),
    ...(resource_type !== undefined && { resource_type }),
    ...(type !== undefined && { type }),
  };
}

/** Each picture is a separate change; the first one carries the other facts. */
function pictures(
  asset: Asset,
  content: Extract<CloudinaryNotification, { type: "upload" | "eager" }>,
  at: Instant,
  settings: PimSettings,
  facts: AssetFacts,
): Change[] {
  const moment = momentOf(content, asset, at);
  const shown = content.type === "upload" && !content.placeholder;
  const original = shown ? originalRendition(asset, moment, settings) : null;
  const made = content.derived.flatMap((derived) => madeOf(asset, derived, moment, settings));
  const all = original === null ? made : [{ kind: "put" as const, rendition: original }, ...made];
  if (all.length === 0) return [{ kind: "map", facts }];
  const { assetId, receivedAt, untrusted } = facts;
  return all.map((change, index) => ({
    ...change,
    facts: index === 0 ? facts : { assetId, receivedAt, untrusted },
  }));
}

type Made = { kind: "put"; rendition: Rendition } | { kind: "fail"; failed: FailedRendition };

function madeOf(asset: Asset, derived: Derived, moment: Moment, settings: PimSettings): Made[] {
  switch (derived.kind) {
    case "ready": {
      const rendition = derivedRendition(asset, derived, moment, settings);
      return rendition === null ? [] : [{ kind: "put", rendition }];
    }
    case "failed":
      return [{ kind: "fail", failed: failedRendition(derived, moment, settings) }];
    case "processing":
      return []; // Another notification follows.
    default:
      return derived satisfies never;
  }
}

/** Without a version in the body, the time of the decision is used: versions are Unix times in seconds. */
function statuses(asset: Asset, decisions: readonly Decision[], at: Instant): ModerationStatus[] {
  return decisions.map((decision) => {
    const decidedAt = decision.at?.toISOString() ?? at;
    const version = asset.version ?? Math.floor(Date.parse(decidedAt) / 1_000);
    return { kind: decision.kind, status: decision.status, version, at: decidedAt };
  });
}

/** A removed key means "none". */
function withGone(
  gone: readonly string[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const all: Record<string, unknown> = Object.create(null);
  for (const key of gone) all[key] = null;
  for (const [key, value] of Object.entries(values)) all[key] = value;
  return all;
}
