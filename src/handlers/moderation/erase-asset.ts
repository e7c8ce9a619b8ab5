import type { ErasePart } from "../../lib/erasure/erase-part.ts";

// A hash in place of the id: the ledger still counts, and nothing of it is open on the board any more.
const statement = `
update moderation_decision set asset_id = 'erased ' || encode(sha256(convert_to($2::text || ' ' || asset_id, 'utf8')), 'hex'), answered = true
where asset_id = any ($1::text[])`;

/** The decisions about the asset stay as figures: kind, status, action and when, without the asset. */
export const eraseFromModeration: ErasePart = async (db, { assetIds, erasureId }) => {
  const { rowCount } = await db.query(statement, [assetIds, erasureId]);
  return { decisions: rowCount };
};
