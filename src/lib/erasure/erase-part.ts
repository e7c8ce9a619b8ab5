import type { Db } from "../database/pool.ts";

/** Erases the rows of an asset in other tables. Safe to repeat; returns the number of erased rows of each table. */
export type ErasePart = (db: Db, erased: ErasedAsset) => Promise<Readonly<Record<string, number>>>;

export interface ErasedAsset {
  /** The id of the erasure; the salt of the hashes that replace identifiers. */
  erasureId: string;
  assetIds: readonly string[];
  publicIds: readonly string[];
  /** Of the cloud (see asset-prefix.ts): the same public ids can exist in another one. */
  assetPrefix: string;
}
