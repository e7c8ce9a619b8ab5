import type { ErasureMeans } from "../lib/erasure/continue-erasure.ts";
import { eraseActs } from "../lib/erasure/erase-acts.ts";
import type { ErasePart } from "../lib/erasure/erase-part.ts";
import { addAgain } from "../lib/search/add-to-search.ts";
import { settings } from "../settings.ts";
import { eraseFromFaces } from "./faces/erase-asset.ts";
import { eraseFromModeration } from "./moderation/erase-asset.ts";
import { eraseFromPim } from "./pim/erase-asset.ts";
import { namedSkus } from "./pim/named-skus.ts";
import { eraseFromAkeneo } from "./pim-akeneo/erase-asset.ts";

/** Erases asset data stored outside notifications. Every table that references assets needs a part here (checked in test/lib/erasure). */
export const eraseParts: readonly ErasePart[] = [
  eraseFromPim,
  eraseFromAkeneo,
  eraseFromModeration,
  eraseFromFaces,
  eraseActs,
];

/** How everything is erased. */
export const erasureMeans: ErasureMeans = {
  parts: eraseParts,
  searchAgain: (db, keys) =>
    addAgain(db, keys, { settings, skusOf: (one) => namedSkus(one, settings.pim), budgetMs: 5_000 }),
};
