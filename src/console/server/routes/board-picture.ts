import { Hono } from "hono";
import * as z from "zod";
import { isOfCloud } from "../../../handlers/moderation/ledger.ts";
import { resourceType } from "../../../lib/cloudinary/api.ts";
import { belongsToAccount } from "../../../lib/cloudinary/belongs-to-account.ts";
import { downloadUrl } from "../../../lib/cloudinary/download-url.ts";
import type { Db } from "../../../lib/database/pool.ts";
import type { Asset } from "../../../lib/notifications/notification.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings } from "../../../settings.ts";
import { stop } from "../api-error.ts";
import { type Joined, operatorsOnly, valid } from "../context.ts";
import { shownFormat } from "../thumbnail.ts";

const query = z.object({
  assetId: z.string().min(1).max(500),
  version: z.coerce.number().int().nonnegative(),
});

/** Redirects an operator's browser to a restricted picture, with a URL that is created for this request and valid for a minute. */
export const boardPicture = new Hono<Joined>().get(
  "/moderation/picture",
  operatorsOnly,
  valid("query", query),
  async (c) => {
    const { cloudinary } = c.env.config;
    if (cloudinary === null) stop(409, "no-account");
    const asset = await recordedAsset(c.env.db, { ...c.req.valid("query"), cloud: cloudinary.cloudName });
    const kind = resourceType.safeParse(asset?.resource_type);
    if (!asset?.public_id || !asset.type || !kind.success || kind.data === "raw") stop(404, "no-such-id");
    const own = { cloudName: cloudinary.cloudName, hosts: settings.moderation.ownHosts };
    if (
      !belongsToAccount({ cloud: null, urls: asset.secure_url === undefined ? [] : [asset.secure_url] }, own)
    )
      stop(409, "other-cloud");
    const name = { publicId: asset.public_id, resourceType: kind.data, type: asset.type };
    const format = kind.data === "video" ? (asset.format ?? "mp4") : shownFormat(asset.format);
    c.header("cache-control", "no-store");
    return c.redirect(downloadUrl(cloudinary, name, { format, now: Date.now() }), 302);
  },
);

/** The asset data in a notification about this version, preferably its upload. */
async function recordedAsset(
  db: Db,
  { assetId, version, cloud }: z.output<typeof query> & { cloud: string },
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
