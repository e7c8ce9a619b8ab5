import type { Context } from "hono";
import type { Db } from "../../../lib/database/pool.ts";
import { sql } from "../../../lib/database/sql.ts";
import type { Which } from "../../../lib/deliveries/operator-acts.ts";
import { settings } from "../../../settings.ts";
import type { Release } from "../../shared/moderation.ts";
import type { Joined } from "../context.ts";
import { deletionCap, heldCards } from "./board.ts";
import type { FactContext } from "./board-facts.ts";

/** The data that the facts of a card need in addition to the card. */
export async function factContext(c: Context<Joined>): Promise<FactContext> {
  const { db, config } = c.env;
  return {
    settings: settings.moderation,
    cloudName: config.cloudinary?.cloudName ?? null,
    maySeeRestricted: c.get("role") === "operator",
    cap: await deletionCap(db, settings.moderation.maxDeletionsPerHour),
    now: Date.now(),
  };
}

/** The effect of releasing each of these held deliveries, by id. */
export async function releasesOf(
  db: Db,
  held: readonly { id: string; handler: string }[],
  context: FactContext,
): Promise<Map<string, Release>> {
  const judged = held.filter(({ handler }) => handler === "moderation").map(({ id }) => id);
  const cards = judged.length === 0 ? [] : await heldCards(db, judged, context);
  const releases = new Map<string, Release>(
    held.map(({ id, handler }) => [id, { does: handler === "email" ? "send-again" : "retry" }]),
  );
  for (const { deliveryId, release } of cards)
    if (deliveryId !== null && release !== null) releases.set(deliveryId, release);
  return releases;
}

/** A delivery whose replay would delete a picture. */
export interface Deletion {
  id: string;
  publicId: string | null;
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
      return `select d.id, d.handler, d.created_at::text as at, n.public_id as "publicId"
      from deliveries d join notifications n on n.id = d.notification_id
      where d.state in ('held', 'dead') and n.erased_at is null and ${beyond} and (${which(param)})
      order by d.created_at, d.id limit ${param(Math.min(pageSize, most - ids.length))}::int`;
    });
    const { rows }: { rows: (Deletion & { handler: string; at: string })[] } = await db.query(text, params);
    const releases = await releasesOf(db, rows, context);
    for (const { id, publicId } of rows) {
      ids.push(id);
      if (releases.get(id)?.does === "delete") deletions.push({ id, publicId });
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = last;
  }
  return limit === null && ids.length > mostLookedAt ? null : { deletions, ids };
}
