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

const maxAtOnce = 2_000;

/** The selected deliveries whose release would delete a picture. They can only be released individually. */
export async function deletingReleases(db: Db, which: Which, context: FactContext): Promise<string[]> {
  const { text, params } = sql(
    (param) => `select d.id, d.handler from deliveries d
      where d.state = 'held' and d.handler = 'moderation' and (${which(param)}) limit ${maxAtOnce}`,
  );
  const { rows } = await db.query<{ id: string; handler: string }>(text, params);
  const releases = await releasesOf(db, rows, context);
  return [...releases].filter(([, { does }]) => does === "delete").map(([id]) => id);
}
