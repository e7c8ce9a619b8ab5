import { eraseActs } from "../lib/erasure/erase-acts.ts";
import type { ErasePart } from "../lib/erasure/erase-part.ts";
import { eraseFromModeration } from "./moderation/erase-asset.ts";
import { eraseFromPim } from "./pim/erase-asset.ts";

/** What of an asset is kept outside its notifications. A table that names assets needs its part here (test/lib/erasure). */
export const eraseParts: readonly ErasePart[] = [eraseFromPim, eraseFromModeration, eraseActs];
