import { answer } from "../console/shared/client.ts";
import type { Receiver } from "./receiver.ts";
import { recordsOf } from "./records.ts";

/**
 * How many pictures a product has, of all its assets; null if that cannot be read. Asks the list: `netlify dev` answers the 404 of an
 * unknown product only after four more requests.
 */
export async function countPictures(receiver: Receiver, sku: string): Promise<number | null> {
  try {
    const query = { search: sku, limit: "200" };
    const { products } = await answer(recordsOf(receiver).products.$get({ query }));
    return products.find((product) => product.sku === sku)?.images ?? 0;
  } catch {
    return null; // What is sent afterwards meets the same problem, and names it.
  }
}
