import type { ErasePart } from "../../lib/erasure/erase-part.ts";

// The id is replaced by a hash: the ledger stays complete, and the decision disappears from the board.
const statement = `
update moderation_decision set asset_id = 'erased ' || encode(sha256(convert_to($2::text || ' ' || asset_id, 'utf8')), 'hex'), answered = true
where asset_id = any ($1::text[])`;

/** Anonymises the decisions on the asset: kind, status, action and time remain. */
export const eraseFromModeration: ErasePart = async (db, { assetIds, erasureId }) => {
  const { rowCount } = await db.query(statement, [assetIds, erasureId]);
  return { decisions: rowCount };
};
