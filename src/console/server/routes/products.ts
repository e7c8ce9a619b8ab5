import { type Context, Hono } from "hono";
import * as z from "zod";
import { findProduct, listProducts, listUnmapped } from "../../../handlers/pim/products.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { masked } from "../../../lib/shared/masked.ts";
import { unmappedReasons } from "../../../lib/shared/unmapped-reasons.ts";
import { stop } from "../api-error.ts";
import { type Joined, valid } from "../context.ts";
import { sealOf } from "../seal.ts";
import { smallPicture } from "../thumbnail.ts";

const query = z.object({
  search: z.string().max(200).optional(),
  after: z.string().max(3_000).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(48),
});

/** The filter of the assets without a product. */
export const unmappedFilter = { reason: z.enum(unmappedReasons).optional() };

const sku = z.string().min(1).max(3_000);

/** The results of the PIM handler. */
export const products = new Hono<Joined>()
  .get("/products", valid("query", query), async (c) => {
    const { refOf, read } = refs(c);
    const { items, next } = await listProducts(c.env.db, wanted(c.req.valid("query"), read));
    return c.json({
      products: items.map((item) => ({
        ...item,
        ref: refOf(item.sku),
        cover: item.cover && withSmall(item.cover),
      })),
      next: next && refOf(next),
    });
  })
  .get("/product", valid("query", z.object({ sku })), async (c) =>
    c.json(await shownProduct(c.env.db, c.req.valid("query").sku, refs(c))),
  )
  // For scripts; an SKU with a slash is percent-encoded.
  .get("/products/:sku", valid("param", z.object({ sku })), async (c) =>
    c.json(await shownProduct(c.env.db, c.req.valid("param").sku, refs(c))),
  )
  .get("/unmapped", valid("query", query.extend(unmappedFilter)), async (c) => {
    const { refOf, read } = refs(c);
    const { reason, ...page } = c.req.valid("query");
    const { items, next } = await listUnmapped(c.env.db, { ...wanted(page, read), reason });
    return c.json({ assets: items.map(withSmall), next: next && refOf(next) });
  });

async function shownProduct(db: Db, ref: string, { refOf, read }: ReturnType<typeof refs>) {
  const product = (await findProduct(db, read(ref))) ?? stop(404, "no-such-product");
  const withRefs = <P extends { otherProducts: string[] }>({ otherProducts, ...shown }: P) => ({
    ...shown,
    otherProducts: otherProducts.map((sku) => ({ sku, ref: refOf(sku) })),
  });
  return {
    ...product,
    images: product.images.map(withSmall).map(withRefs),
    // Of other files, Cloudinary makes no picture.
    files: product.files
      .map((file) =>
        ["pdf", "design"].includes(file.mediaKind) ? withSmall(file) : { ...file, small: null },
      )
      .map(withRefs),
  };
}

/** The identifier of a listed product or page: its name, or an encrypted form if the name is masked. */
function refs(c: Context<Joined>) {
  const seal = sealOf(c.env.config);
  return {
    refOf: (name: string): string => (masked(name) === name ? name : seal.close(name)),
    read: (ref: string): string => seal.open(ref) ?? ref,
  };
}

function wanted({ search, after, limit }: z.output<typeof query>, read: (ref: string) => string) {
  return {
    limit,
    ...(search !== undefined && { search }),
    ...(after !== undefined && { after: read(after) }),
  };
}

function withSmall<P extends { secureUrl: string | null; publicId: string | null }>(
  picture: P,
): P & { small: string | null } {
  return {
    ...picture,
    small: picture.secureUrl && smallPicture(picture.secureUrl, picture.publicId ?? undefined),
  };
}
