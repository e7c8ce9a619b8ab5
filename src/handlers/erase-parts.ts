import { eraseActs } from "../lib/erasure/erase-acts.ts";
import type { ErasePart } from "../lib/erasure/erase-part.ts";
import { eraseFromModeration } from "./moderation/erase-asset.ts";
import { eraseFromPim } from "./pim/erase-asset.ts";
import { eraseFromAkeneo } from "./pim-akeneo/erase-asset.ts";

/** Erases asset data stored outside notifications. Every table that references assets needs a part here (checked in test/lib/erasure). */
export const eraseParts: readonly ErasePart[] = [
  eraseFromPim,
  eraseFromAkeneo,
  eraseFromModeration,
  eraseActs,
];
