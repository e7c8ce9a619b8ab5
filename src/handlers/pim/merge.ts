import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";

/** The known columns of an asset row; omitted columns are not changed. */
export type AssetColumns = Record<string, unknown> & { asset_id: string };

export interface Merge {
  asset: AssetColumns;
  /** Public ids that it has or had. */
  names?: readonly string[];
  claims?: readonly object[];
  moderation: readonly object[];
  renditions?: readonly object[];
  removal?: object;
  /** Notifications received before an operator's reset of the asset have no effect. */
  receivedAt: Date;
}

/** The previous state of the asset and the rendition, as visible to the statement. */
export interface Merged {
  /** The asset was reset after the notification was received; nothing was written. */
  reset: boolean;
  put: boolean;
  before: { version: number; same: boolean } | null;
  /** null if the asset was unknown. */
  was: { skus: string[]; publicId: string | null; pictures: number } | null;
}

// Each register holds (at, value) and keeps the greater pair, so the result is independent of order and duplicates.
const registers: { at: string; columns: string[]; value: string[] }[] = [
  { at: "public_id_at", columns: ["public_id", "public_id_url"], value: ["public_id"] },
  { at: "delivery_type_at", columns: ["delivery_type"], value: ["delivery_type"] },
  { at: "asset_folder_at", columns: ["asset_folder"], value: ["asset_folder"] },
  { at: "display_name_at", columns: ["display_name"], value: ["display_name"] },
  {
    at: "access_at",
    columns: ["restricted", "public_from", "public_until"],
    value: ["restricted", "public_from", "public_until"],
  },
  { at: "access_mode_at", columns: ["access_mode"], value: ["access_mode"] },
  { at: "format_at", columns: ["format", "is_audio"], value: ["format", "is_audio"] },
];
const growing = ["resource_type", "version", "restored_at", ...registers.map(({ at }) => at)];

const assetSets = [
  ...registers.flatMap(({ at, columns, value }) => {
    const pair = (row: string) =>
      `(${row}.${at}, ${value.map((v) => `coalesce(${row}.${v}::text, '')`).join(", ")})`;
    const wins = `(t.${at} is null or ${pair("excluded")} > ${pair("t")})`;
    return columns.map(
      (column) => `${column} = case when ${wins} then excluded.${column} else t.${column} end`,
    );
  }),
  ...growing.map((column) => `${column} = greatest(t.${column}, excluded.${column})`),
  "skus = array(select unnest(t.skus) union select unnest(excluded.skus) order by 1)",
  "untrusted = t.untrusted or excluded.untrusted",
  "updated_at = now()",
];
const assetColumns = [
  "asset_id",
  ...registers.flatMap(({ columns }) => columns),
  ...growing,
  "skus",
  "untrusted",
];
/** Defaults for columns that are not nullable. */
const defaults = new Map([
  ["skus", "coalesce(g.skus, '{}')"],
  ["untrusted", "coalesce(g.untrusted, false)"],
]);

const renditionColumns = [
  "transformation",
  "version",
  "version_in_url",
  "event_at",
  "named_at",
  "public_id",
  "public_id_url",
  "secure_url",
  "url_prefix",
  "url_type",
  "url_signature",
  "url_transformation",
  "url_suffix",
  "width",
  "height",
  "bytes",
  "format",
];
/** The order of two pictures: by version, then time; the other columns only break ties. */
const rank = (row: string) =>
  `${row}.version, ${row}.event_at, ${row}.secure_url, ${row}.named_at, coalesce(${row}.bytes, 0), coalesce(${row}.width, 0)`;

/** Decision times have a resolution of one second, so a decision outranks an open status of the same second. */
const moment = (row: string) =>
  `date_trunc('second', ${row}.at), ${row}.status not in ('pending', 'queued'), ${row}.at, ${row}.status`;

const isLater = `(${moment("excluded")}) > (${moment("t")})`;

// A new picture has no signature for later names yet.
const renditionSets = [
  ...renditionColumns.map((column) => `${column} = excluded.${column}`),
  "resigned = null, resigned_for = null, resigned_name = null, resigned_at = null, updated_at = now()",
];

const removedPart = `), removed as (
  insert into pim_removals as t (asset_id, notification_id, version, at, pictures)
  select asset.asset_id, g.notification_id, g.version, g.at, (
    -- Not from pim_product_image, which takes three times as long to plan.
    select count(*) from pim_picture p
    where p.asset_id = asset.asset_id and coalesce(p.version <= g.version, true) and p.media_kind in ('image', 'video', 'design')
      and exists (select from pim_asset_sku s where s.asset_id = asset.asset_id))
  from asset, jsonb_to_recordset($7::jsonb) as g (notification_id uuid, version bigint, at timestamptz)
  on conflict (asset_id, notification_id) do update set
    version = case when t.version is null or excluded.version is null then null else greatest(t.version, excluded.version) end,
    at = greatest(t.at, excluded.at)`;

// The asset's row is locked first and all other parts depend on it, so that writers of one asset queue up and cannot deadlock.
const statementWith = (removed: string) => `
with asset as (
  insert into pim_asset as t (${assetColumns.join(", ")})
  select ${assetColumns.map((column) => defaults.get(column) ?? `g.${column}`).join(", ")}
  from jsonb_populate_record(null::pim_asset, $1::jsonb) g
  on conflict (asset_id) do update set ${assetSets.join(",\n    ")}
  where t.reset_at is null or t.reset_at <= $5::timestamptz
  returning t.asset_id
), names as (
  insert into pim_asset_names (asset_id, public_id)
  select asset.asset_id, g.name from asset, (select distinct unnest($6::text[]) as name) g
  on conflict do nothing
), claims as (
  insert into pim_claim as t (asset_id, field, source, element, value, at, is_list)
  select asset.asset_id, g.field, g.source, coalesce(g.element, ''), g.value, g.at, coalesce(g."isList", false)
  from asset, jsonb_to_recordset($2::jsonb) as g (field text, source text, element text, value text, at timestamptz, "isList" boolean)
  on conflict (asset_id, field, source, element) do update set value = excluded.value, at = excluded.at, is_list = excluded.is_list
  where (excluded.at, excluded.element <> '' and excluded.value is null, coalesce(excluded.value, ''))
      > (t.at, t.element <> '' and t.value is null, coalesce(t.value, ''))
), moderation as (
  insert into pim_moderation as t (asset_id, kind, version, status, at, unapproved_at, confirmed_at)
  select asset.asset_id, g.kind, g.version, g.status, g.at, case when g.status <> 'approved' then g.at end,
         case when g.status = 'approved' and g."isConfirmed" then g.at end
  from asset, jsonb_to_recordset($3::jsonb) as g (kind text, version bigint, status text, at timestamptz, "isConfirmed" boolean)
  on conflict (asset_id, kind, version) do update set
    status = case when ${isLater} then excluded.status else t.status end,
    at = case when ${isLater} then excluded.at else t.at end,
    unapproved_at = greatest(t.unapproved_at, excluded.unapproved_at),
    confirmed_at = greatest(t.confirmed_at, excluded.confirmed_at)
), given as (
  select g.*, asset.asset_id as of
  from asset, jsonb_populate_recordset(null::pim_rendition, $4::jsonb) g
), put as (
  insert into pim_rendition as t (asset_id, name, ${renditionColumns.join(", ")})
  select of, name, ${renditionColumns.join(", ")} from given where failed_at is null
  on conflict (asset_id, name) do update set ${renditionSets.join(", ")}
  where t.version is null
     or (${rank("excluded")}) > (${rank("t")})
  returning 1
), failed as (
  insert into pim_rendition as t (asset_id, name, transformation, failure, failed_at)
  select of, name, transformation, failure, failed_at from given where failed_at is not null
  on conflict (asset_id, name) do update set failure = excluded.failure, failed_at = excluded.failed_at
  where t.failed_at is null or (excluded.failed_at, excluded.failure) > (t.failed_at, t.failure)
${removed}
)
select false as reset, exists (select from put) as put,
       (select jsonb_build_object('version', t.version, 'same', t.version = g.version and t.event_at = g.event_at)
        from given g join pim_rendition t on t.asset_id = g.of and t.name = g.name where t.version is not null) as before,
       pim_shown(asset.asset_id) as was
from asset`;

const statement = statementWith("");
/** Only for removals, because its plan takes as long as that of the rest. */
const removing = statementWith(removedPart);

/** Merges new facts about one asset into its stored state, in a single statement that is safe under concurrency. */
export async function merge(
  db: Db,
  { asset, names = [], claims = [], moderation, renditions = [], removal, receivedAt }: Merge,
): Promise<Merged> {
  const { rows } = await db.query<Merged>(removal === undefined ? statement : removing, [
    jsonb(asset),
    jsonb(claims),
    jsonb(moderation),
    jsonb(renditions),
    receivedAt,
    names,
    ...(removal === undefined ? [] : [jsonb([removal])]),
  ]);
  // No row means that the asset was reset since.
  return rows[0] ?? { reset: true, put: false, before: null, was: null };
}
