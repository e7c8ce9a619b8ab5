import { namedSkus } from "../../../../handlers/pim/named-skus.ts";
import type { Db } from "../../../../lib/database/pool.ts";
import { addNewToSearch } from "../../../../lib/search/add-to-search.ts";
import { settings } from "../../../../settings.ts";

const everyMs = 1_000;
const budgetMs = 300;
let last = Number.NEGATIVE_INFINITY;

/** Adds notifications that no worker has added to the search yet, such as those without a handler. At most once a second. */
export async function refreshSearch(db: Db): Promise<void> {
  if (performance.now() - last < everyMs) return;
  last = performance.now();
  await addNewToSearch(db, { settings, skusOf: (one) => namedSkus(one, settings.pim), budgetMs });
}
