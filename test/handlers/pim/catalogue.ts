import { connector } from "../../../src/handlers/pim/connector.ts";
import { jsonb } from "../../../src/lib/database/jsonb.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";

/** Passes each changed product to a custom function in the same database, which returns false for unknown products. */
export function catalogue(): Handler {
  return connector("pim:catalogue", async ({ sku, images, db }) => {
    const { rows } = await db.query<{ known: boolean }>("select shop.set_images($1, $2::jsonb) as known", [
      sku,
      jsonb(images.map(({ role, secureUrl, altText }) => ({ role, url: secureUrl, alt: altText }))),
    ]);
    return { kind: rows[0]?.known ? "accepted" : "unknown-sku" };
  });
}
