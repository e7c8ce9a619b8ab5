import { Hono } from "hono";
import * as z from "zod";
import { findProduct, listProducts, listUnmapped } from "../../../handlers/pim/products.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { stop } from "../api-error.ts";
import { type Joined, valid } from "../context.ts";
import { smallPicture } from "../thumbnail.ts";

const query = z.object({
  search: z.string().max(200).optional(),
  after: z.string().max(600).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(48),
});

const sku = z.string().min(1).max(500);

/** What the PIM handler made of the notifications. */
export const products = new Hono<Joined>()
  .get("/products", valid("query", query), async (c) => {
    const { items, next } = await listProducts(c.env.db, wanted(c.req.valid("query")));
    return c.json({ products: items.map((item) => ({ ...item, cover: withSmall(item.cover) })), next });
  })
  .get("/product", valid("query", z.object({ sku })), async (c) =>
    c.json(await shownProduct(c.env.db, c.req.valid("query").sku)),
  )
  // For scripts; an SKU with a slash is percent-encoded.
  .get("/products/:sku", valid("param", z.object({ sku })), async (c) =>
    c.json(await shownProduct(c.env.db, c.req.valid("param").sku)),
  )
  .get("/unmapped", valid("query", query), async (c) => {
    const { items, next } = await listUnmapped(c.env.db, wanted(c.req.valid("query")));
    return c.json({ assets: items.map(withSmall), next });
  });

async function shownProduct(db: Db, wantedSku: string) {
  const product = (await findProduct(db, wantedSku)) ?? stop(404, "no-such-product");
  return { ...product, images: product.images.map(withSmall) };
}

function wanted({ search, after, limit }: z.output<typeof query>) {
  return { limit, ...(search !== undefined && { search }), ...(after !== undefined && { after }) };
}

function withSmall<P extends { secureUrl: string; publicId: string | null }>(
  picture: P,
): P & { small: string | null } {
  return { ...picture, small: smallPicture(picture.secureUrl, picture.publicId ?? undefined) };
}
