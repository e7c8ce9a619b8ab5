import type { FoundAsset } from "../cloudinary/api.ts";
import { jsonb } from "../database/jsonb.ts";
import type { Db } from "../database/pool.ts";

/** Whether the receiver gets upload notifications: if only other types are sent, no upload is missing. */
export async function hearsOfUploads(db: Db, assetPrefix: string): Promise<boolean> {
  const { rows } = await db.query<{ heard: boolean }>(
    "select exists (select from notifications where type = 'upload' and source in ('webhook', 'public') and asset_prefix = $1) as heard",
    [assetPrefix],
  );
  return rows[0]?.heard ?? false;
}

/** In Cloudinary's search language. */
export function uploadedBetween({ from, to }: { from: Date; to: Date }): string {
  return `uploaded_at>="${from.toISOString()}" AND uploaded_at<="${to.toISOString()}"`;
}

/** A deleted asset with a backup is listed with 0 bytes until it is restored. An upload is never empty. */
const isThere = ({ placeholder, bytes }: FoundAsset): boolean => placeholder !== true && bytes !== 0;

/** The uploads for which no notification of this version or a newer one arrived. One statement for each page. */
export async function missingUploads(
  db: Db,
  found: readonly FoundAsset[],
  cloud: string,
): Promise<FoundAsset[]> {
  const listed = found.filter(isThere);
  if (listed.length === 0) return [];
  const asked = listed.map(({ asset_id, version }, n) => ({ n, asset_id, version }));
  const { rows } = await db.query<{ n: number }>(
    `select i.n from jsonb_to_recordset($1::jsonb) as i (n int, asset_id text, version bigint)
     where i.asset_id is not null and not exists (
       select from notifications n where n.asset_id = i.asset_id and n.version >= i.version and n.type = 'upload'
         and coalesce(n.cloud, $2) = $2)
     order by i.n`,
    [jsonb(asked), cloud],
  );
  return rows.flatMap(({ n }) => listed[n] ?? []);
}

const carried = [
  "asset_id",
  "public_id",
  "version",
  "resource_type",
  "type",
  "format",
  "width",
  "height",
  "bytes",
  "created_at",
  "tags",
  "context",
  "metadata",
  "asset_folder",
  "folder",
  "display_name",
  "access_control",
  "moderation",
  "secure_url",
] as const;

/** The missing notification. */
export function uploadBody(asset: FoundAsset) {
  const fields = carried.flatMap((name) => (asset[name] === undefined ? [] : [[name, asset[name]]]));
  return {
    notification_type: "upload",
    timestamp: asset.uploaded_at ?? asset.created_at,
    ...Object.fromEntries(fields),
  };
}
