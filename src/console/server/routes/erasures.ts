import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import * as z from "zod";
import type { Config } from "../../../config.types.ts";
import { erasureMeans } from "../../../handlers/erase-parts.ts";
import { prefixesOf } from "../../../lib/cloudinary/accounts.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { continueErasure } from "../../../lib/erasure/continue-erasure.ts";
import { type ErasureTarget, previewErasure, requestErasure } from "../../../lib/erasure/request-erasure.ts";
import { listAssets } from "../../../lib/receive/list-assets.ts";
import { withoutPrefix } from "../../../lib/shared/asset-prefix.ts";
import { settings } from "../../../settings.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, reason, valid } from "../context.ts";

interface Given {
  asset?: string | undefined;
  assetOf?: string | undefined;
  notification?: string | undefined;
}

const target = {
  /** An asset id or a public id. */
  asset: z.string().min(1).max(500).optional(),
  /** Or the asset of this notification, whose identifier may be masked on the page. */
  assetOf: z.uuid().optional(),
  /** Or one notification, by its id. */
  notification: z.uuid().optional(),
};
const oneTarget = ({ asset, assetOf, notification }: Given) =>
  [asset, assetOf, notification].filter((value) => value !== undefined).length === 1;
const eitherOr = "exactly one of asset, assetOf and notification is required";

const preview = z.object(target).refine(oneTarget, eitherOr);
const request = z.object({ ...target, reason }).refine(oneTarget, eitherOr);

interface Erasure {
  id: string;
  who: string;
  reason: string;
  requestedAt: Date;
  finishedAt: Date | null;
  identifierSha256: string;
  counts: Record<string, number>;
}

const listMs = 8_000;

/** What an asset is named by is looked for in all notifications, so the assets of each must be listed. */
const assetsListed = createMiddleware<Joined>(async (c, next) => {
  const { complete } = await listAssets(c.env.db, settings, listMs);
  if (!complete) stop(503, "assets-not-listed");
  await next();
});

/** Erases the data recorded about an asset, one batch at a call. The sweep continues interrupted erasures. */
export const erasures = new Hono<Joined>()
  .get("/erasures", async (c) => c.json({ erasures: await list(c.env.db) }))
  .post("/erasures/*", assetsListed)
  .post("/erasures", assetsListed)
  .post("/erasures/preview", valid("json", preview), async (c) => {
    const found = await previewErasure(c.env.db, await targetOf(c.env, c.req.valid("json")));
    return c.json(found ?? stop(409, "nothing-recorded"));
  })
  .post("/erasures", valid("json", request), async (c) => {
    const wanted = c.req.valid("json");
    const acting = { who: c.get("who"), reason: wanted.reason };
    const id =
      (await requestErasure(c.env.db, await targetOf(c.env, wanted), acting)) ??
      stop(409, "nothing-recorded");
    const progress = await continueErasure(c.env.db, id, erasureMeans);
    return c.json(progress ?? stop(404, "no-such-id"));
  })
  .post("/erasures/:id/continue", valid("param", idParam), async (c) => {
    const progress = await continueErasure(c.env.db, c.req.valid("param").id, erasureMeans);
    return c.json(progress ?? stop(404, "no-such-id"));
  });

async function targetOf(
  { db, config }: Pick<Joined["Bindings"], "db" | "config">,
  { asset, assetOf, notification }: Given,
): Promise<ErasureTarget> {
  if (asset !== undefined) return await assetIn(db, config, asset);
  if (assetOf === undefined) return { notification: notification ?? "" };
  const { rows } = await db.query<{ assetId: string | null; publicId: string | null; assetPrefix: string }>(
    `select asset_id as "assetId", public_id as "publicId", asset_prefix as "assetPrefix" from notifications where id = $1::uuid`,
    [assetOf],
  );
  const [{ assetId, publicId, assetPrefix } = stop(409, "nothing-recorded")] = rows;
  const given = assetId === null ? publicId : withoutPrefix(assetId);
  return { asset: given ?? stop(409, "nothing-recorded"), assetPrefix };
}

/** With a cloud's name and a colon in front, the asset is one of that cloud; without, it may be in any, but in one only. */
async function assetIn(db: Db, config: Config, asset: string): Promise<ErasureTarget> {
  const others = prefixesOf(config).filter((prefix) => prefix !== "");
  const assetPrefix = others.find((prefix) => asset.startsWith(prefix));
  if (assetPrefix !== undefined) return { asset: asset.slice(assetPrefix.length), assetPrefix };
  const first = { asset, assetPrefix: "" };
  if (others.length === 0) return first;
  const found: ErasureTarget[] = [];
  for (const prefix of ["", ...others]) {
    const there = { asset, assetPrefix: prefix };
    if (await previewErasure(db, there)) found.push(there);
  }
  if (found.length > 1) stop(409, "in-several-clouds");
  return found[0] ?? first;
}

async function list(db: Db): Promise<Erasure[]> {
  const { rows } = await db.query<Erasure>(
    `select id, who, reason, requested_at as "requestedAt", finished_at as "finishedAt",
            identifier_sha256 as "identifierSha256", counts
     from erasures order by requested_at desc, id desc limit 200`,
  );
  return rows;
}
