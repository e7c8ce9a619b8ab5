import type { CloudinaryAccount } from "../../config.types.ts";
import { isOfCloud } from "../../handlers/moderation/ledger.ts";
import { resourceType } from "../../lib/cloudinary/api.ts";
import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { downloadUrl } from "../../lib/cloudinary/download-url.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { ceiling } from "../../lib/shared/ceiling.ts";
import { settings } from "../../settings.ts";
import { shownFormat } from "./thumbnail.ts";

interface Version {
  assetId: string;
  version: number;
}

/** Why an asset has no picture that can be signed. */
export type Unsigned = "no-such-id" | "other-cloud";

/** An address of the picture that is valid for a minute, whatever its access; null if it has none. */
export async function signedPictureUrl(
  db: Db,
  account: CloudinaryAccount,
  version: Version,
): Promise<string | null> {
  const signed = await signPicture(db, account, version);
  return "url" in signed ? signed.url : null;
}

/** The same, with the reason if it has none. */
export async function signPicture(
  db: Db,
  account: CloudinaryAccount,
  version: Version,
): Promise<{ url: string } | { reason: Unsigned }> {
  const asset = await recordedAsset(db, { ...version, cloud: account.cloudName });
  const kind = resourceType.safeParse(asset?.resource_type);
  if (!asset?.public_id || !asset.type || !kind.success || kind.data === "raw")
    return { reason: "no-such-id" };
  const own = { cloudName: account.cloudName, hosts: settings.moderation.ownHosts };
  if (!belongsToAccount({ cloud: null, urls: asset.secure_url === undefined ? [] : [asset.secure_url] }, own))
    return { reason: "other-cloud" };
  const name = { publicId: asset.public_id, resourceType: kind.data, type: asset.type };
  const format = kind.data === "video" ? (asset.format ?? "mp4") : shownFormat(asset.format);
  return { url: downloadUrl(account, name, { format, now: Date.now() }) };
}

/** The asset data in a notification about this version, preferably its upload. */
export async function recordedAsset(
  db: Db,
  { assetId, version, cloud }: Version & { cloud: string },
): Promise<Asset | undefined> {
  const { rows } = await db.query<{ body: Uint8Array; heardAt: Date }>(
    `select body, coalesce(signed_at, received_at) as "heardAt" from notifications n
     where asset_id = $1 and version = $2::bigint and ${isOfCloud("$3")}
     order by type = 'upload' desc, received_at desc limit 1`,
    [assetId, version, cloud],
  );
  const [row] = rows;
  const parsed = row && parse(row.body, ceiling(row.heardAt, settings));
  return parsed?.ok ? parsed.notification.assets[0] : undefined;
}
