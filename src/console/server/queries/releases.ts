import type { Context } from "hono";
import type { Db } from "../../../lib/database/pool.ts";
import { sql } from "../../../lib/database/sql.ts";
import type { Which } from "../../../lib/deliveries/operator-acts.ts";
import { settings } from "../../../settings.ts";
import type { PictureAccess, Release } from "../../shared/moderation.ts";
import type { Joined } from "../context.ts";
import { deletionCap, heldCards } from "./board.ts";
import type { FactContext } from "./board-facts.ts";

/** The data that the facts of a card need in addition to the card. */
export async function factContext(c: Context<Joined>): Promise<FactContext> {
  const { db, config } = c.env;
  return {
    settings: settings.moderation,
    cloudName: config.cloudinary?.cloudName ?? null,
    otherClouds: new Set(config.accounts.slice(1).map(({ cloudName }) => cloudName)),
    maySeeRestricted: c.get("role") === "operator",
    cap: await deletionCap(db, settings.moderation.maxDeletionsPerHour),
    now: Date.now(),
  };
}

interface Stuck {
  id: string;
  handler: string;
}

/** The effect of releasing each of these held or dead deliveries, by id. */
export async function releasesOf(
  db: Db,
  stuck: readonly Stuck[],
  context: FactContext,
): Promise<Map<string, Release>> {
  const cards = await cardsOf(db, stuck, context);
  return new Map(
    stuck.map(({ id, handler }) => [
      id,
      cards.get(id)?.release ?? { does: handler === "email" ? "send-again" : "retry" },
    ]),
  );
}

async function cardsOf(db: Db, stuck: readonly Stuck[], context: FactContext) {
  const judged = stuck.filter(({ handler }) => handler === "moderation").map(({ id }) => id);
  const cards = judged.length === 0 ? [] : await heldCards(db, judged, context);
  return new Map(cards.map((card) => [card.deliveryId, card]));
}

/** A delivery whose replay would delete a picture. */
export interface Deletion {
  id: string;
  publicId: string | null;
  assetId: string | null;
  version: number | null;
  picture: PictureAccess;
}

const pageSize = 500;
/** Beyond this many the caller has to narrow the filter: everything is counted, or nothing is done. */
const mostLookedAt = 50_000;

/**
 * Which of the first `limit` meant deliveries a replay would carry out as a deletion, in the order of the replay, and all of those looked
 * at. Held and dead ones alike. `null` when there are too many to count.
 */
export async function deletionsOf(
  db: Db,
  which: Which,
  { limit, context }: { limit: number | null; context: FactContext },
): Promise<{ deletions: Deletion[]; ids: string[] } | null> {
  const deletions: Deletion[] = [];
  const ids: string[] = [];
  const most = limit ?? mostLookedAt + 1;
  let after: { at: string; id: string } | null = null;
  while (ids.length < most) {
    const { text, params } = sql((param) => {
      const beyond =
        after === null
          ? "true"
          : `(d.created_at, d.id) > (${param(after.at)}::timestamptz, ${param(after.id)}::uuid)`;
      return `select d.id, d.handler, d.created_at::text as at, n.public_id as "publicId", n.asset_id as "assetId",
             n.version::float8 as version
      from deliveries d join notifications n on n.id = d.notification_id
      where d.state in ('held', 'dead') and n.erased_at is null and ${beyond} and (${which(param)})
      order by d.created_at, d.id limit ${param(Math.min(pageSize, most - ids.length))}::int`;
    });
    const { rows }: { rows: (Stuck & Omit<Deletion, "picture"> & { at: string })[] } = await db.query(
      text,
      params,
    );
    const cards = await cardsOf(db, rows, context);
    for (const { id, publicId, assetId, version } of rows) {
      ids.push(id);
      const card = cards.get(id);
      if (card?.release?.does === "delete")
        deletions.push({ id, publicId, assetId, version, picture: card.picture });
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last;
  }
  return limit === null && ids.length > mostLookedAt ? null : { deletions, ids };
}
