import { namedSkus } from "../../../../handlers/pim/named-skus.ts";
import type { Db } from "../../../../lib/database/pool.ts";
import { addNewToSearch } from "../../../../lib/search/add-to-search.ts";
import { settings } from "../../../../settings.ts";

const budgetMs = 300;
/** After one that took long, so that searches do not spend more time on it than on finding; at most this long. */
const restFactor = 4;
const maxRestMs = 1_000;

let running: Promise<void> | null = null;
let restsUntil = Number.NEGATIVE_INFINITY;

/**
 * Adds notifications that no worker has added to the search yet, such as those without a handler. A search that begins while this runs
 * waits, and begins another one: the first may not have seen what was received in the meantime.
 */
export async function refreshSearch(db: Db): Promise<void> {
  if (running) await running;
  if (running === null && performance.now() < restsUntil) return;
  running ??= refresh(db).finally(() => {
    running = null;
  });
  await running;
}

async function refresh(db: Db): Promise<void> {
  const startedAt = performance.now();
  await addNewToSearch(db, { settings, skusOf: (one) => namedSkus(one, settings.pim), budgetMs });
  const endedAt = performance.now();
  // Most have nothing to add and take a millisecond or two.
  const tookMs = endedAt - startedAt;
  restsUntil = tookMs < 20 ? endedAt : endedAt + Math.min(maxRestMs, restFactor * tookMs);
}
