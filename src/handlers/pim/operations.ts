import { encodePublicId } from "../../lib/cloudinary/delivery-url.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { AssetFacts, FailedRendition, Instant, Rendition } from "./facts.ts";
import { type AssetColumns, type Merged, merge } from "./merge.ts";

/**
 * The operations on an asset, each a single statement. The result is independent of order, duplicates and concurrency: it is the
 * same as if each had happened once and in order.
 */

/** The previous state of the asset; `reset`: nothing was written, because an operator reset it after the notification was received. */
export type PreviousState = (Omit<NonNullable<Merged["was"]>, "skus"> & ReportedProducts) | null | "reset";

/** `sku`: the only product of an asset, or null; `products`: all of them, where it has several. */
export type ReportedProducts = { sku: string | null } | { products: string[] };

export function reportedProducts(skus: string[]): ReportedProducts {
  const [sku = null] = skus;
  return skus.length > 1 ? { products: skus } : { sku };
}

export interface Put {
  outcome: "applied" | "duplicate" | "stale" | "reset";
  /** The version of the previous picture with this name, or null. */
  before: number | null;
  was: PreviousState;
}

/** Stores a picture, unless the asset has one of this name with a newer version, or a later one of the same version. */
export async function putRendition(db: Db, facts: AssetFacts, rendition: Rendition): Promise<Put> {
  const merged = await merge(db, { ...known(facts), renditions: [renditionColumns(rendition)] });
  const { reset, put, before } = merged;
  const outcome = reset ? "reset" : put ? "applied" : before?.same ? "duplicate" : "stale";
  return { outcome, before: before?.version ?? null, was: previousStateOf(merged) };
}

/** Records that Cloudinary failed to generate a picture; an earlier picture is kept. */
export async function failRendition(
  db: Db,
  facts: AssetFacts,
  failed: FailedRendition,
): Promise<PreviousState> {
  const { name, transformation, failure, failedAt } = failed;
  const failedRow = { name, transformation, failure, failed_at: failedAt };
  return previousStateOf(await merge(db, { ...known(facts), renditions: [failedRow] }));
}

/** Removes the asset from its product: all versions up to `version`, or everything older than `at` if the version is unknown. */
export async function removeAsset(
  db: Db,
  facts: AssetFacts,
  { at, version, notificationId }: { at: Instant; version: number | null; notificationId: string },
): Promise<PreviousState> {
  // Stored per notification, so that an operator can revert one without the others.
  const removal = { at, version, notification_id: notificationId };
  return previousStateOf(await merge(db, { ...known(facts), removal }));
}

/** Changes the public id of the asset (`facts.publicId`) and thereby the URLs of its pictures. */
export async function renameAsset(
  db: Db,
  facts: AssetFacts & Required<Pick<AssetFacts, "publicId">>,
): Promise<PreviousState> {
  return previousStateOf(await merge(db, known(facts)));
}

/** Merges the facts about an asset: product, role, position, access, moderation, and a restore. */
export async function mapAsset(db: Db, facts: AssetFacts & { restoredAt?: Instant }): Promise<PreviousState> {
  const { asset, ...rest } = known(facts);
  return previousStateOf(await merge(db, { ...rest, asset: { ...asset, restored_at: facts.restoredAt } }));
}

function previousStateOf({ reset, was }: Merged): PreviousState {
  if (reset) return "reset";
  if (was === null) return null;
  const { skus, ...rest } = was;
  return { ...rest, ...reportedProducts(skus) };
}

function known(facts: AssetFacts) {
  const { publicId, formerPublicId, deliveryType, folder, displayName, access, accessMode, format } = facts;
  const claims = onePerRow(facts.claims ?? [], ({ field, source, element }) => [
    field,
    source,
    element ?? "",
  ]);
  const moderation = onePerRow(facts.moderation ?? [], ({ kind, version }) => [kind, version]);
  const skus = claims.flatMap(({ field, value, isList = false }) =>
    field === "sku" && value !== null && !isList ? [value] : [],
  );
  const asset: AssetColumns = {
    asset_id: facts.assetId,
    resource_type: facts.resourceType,
    public_id: publicId?.value,
    public_id_url: publicId && encodePublicId(publicId.value),
    public_id_at: publicId?.at,
    delivery_type: deliveryType?.value,
    delivery_type_at: deliveryType?.at,
    asset_folder: folder?.value,
    asset_folder_at: folder?.at,
    display_name: displayName?.value,
    display_name_at: displayName?.at,
    restricted: access?.value.restricted,
    public_from: access?.value.from,
    public_until: access?.value.until,
    access_at: access?.at,
    access_mode: accessMode?.value,
    access_mode_at: accessMode?.at,
    format: format?.value.format,
    is_audio: format?.value.isAudio,
    format_at: format?.at,
    version: facts.version,
    skus: [...new Set(skus)],
    untrusted: facts.untrusted,
  };
  const names = [publicId?.value, formerPublicId].filter((name) => name !== undefined);
  return { asset, names, claims, moderation, receivedAt: facts.receivedAt };
}

/** A statement can write each row only once: the later item wins, and the last one if their times are equal. */
function onePerRow<T extends { at: Instant }>(items: readonly T[], row: (item: T) => unknown[]): T[] {
  const rows = new Map<string, T>();
  for (const item of items) {
    const key = JSON.stringify(row(item));
    const before = rows.get(key);
    if (before === undefined || Date.parse(before.at) <= Date.parse(item.at)) rows.set(key, item);
  }
  return [...rows.values()];
}

function renditionColumns(rendition: Rendition) {
  const { name, transformation, version, publicId, parts, width, height, bytes, format } = rendition;
  return {
    name,
    transformation,
    version,
    version_in_url: rendition.versionInUrl,
    event_at: rendition.eventAt,
    named_at: rendition.namedAt,
    public_id: publicId,
    public_id_url: encodePublicId(publicId),
    secure_url: rendition.secureUrl,
    url_prefix: parts?.prefix,
    url_type: parts?.type,
    url_signature: parts?.signature,
    url_transformation: parts?.transformation,
    url_suffix: parts?.suffix,
    width,
    height,
    bytes,
    format,
  };
}
