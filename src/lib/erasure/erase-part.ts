import type { Db } from "../database/pool.ts";

/** What of other tables goes with an asset. Safe to repeat; returns how many rows of each were erased. */
export type ErasePart = (db: Db, erased: ErasedAsset) => Promise<Readonly<Record<string, number>>>;

export interface ErasedAsset {
  /** Of the erasure: salts the hashes that take an identifier's place. */
  erasureId: string;
  assetIds: readonly string[];
  publicIds: readonly string[];
}
