import { connector } from "../../../src/handlers/pim/connector.ts";
import { jsonb } from "../../../src/lib/database/jsonb.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";

/** Hands each changed product to a function of the company's own, in the same database. It answers false for products it does not know. */
export function catalogue(): Handler {
  return connector("pim:catalogue", async ({ sku, images, db }) => {
    const { rows } = await db.query<{ known: boolean }>("select shop.set_images($1, $2::jsonb) as known", [
      sku,
      jsonb(images.map(({ role, secureUrl, altText }) => ({ role, url: secureUrl, alt: altText }))),
    ]);
    return { kind: rows[0]?.known ? "accepted" : "unknown-sku" };
  });
}
