import { expect, it } from "vitest";
import type { Db } from "../../src/lib/database/pool.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import { uploadBody } from "../support/bodies.ts";
import { realDatabase } from "../support/databases.ts";
import { arrive, deliverSettings, endLeases, makeDue, scripted } from "../support/deliveries.ts";
import { type InFlight, inFlight } from "../support/in-flight.ts";
import { ownReceiver } from "../support/receiver.ts";

const receiver = ownReceiver(() => realDatabase(8));

/** Numerical Recipes' generator: the same crashes in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * A process that dies at its n-th step: a statement (before it is sent, or before its answer is seen) or an effect. What it has sent
 * still happens, and is in flight until then.
 */
function mortal(db: Db, stepsToLive: number, losesAnswer: boolean, { track }: InFlight) {
  const died = Promise.withResolvers<"died">();
  const forever = new Promise<never>(() => {});
  let steps = stepsToLive;
  const step = async <T>(work: () => Promise<T>): Promise<T> => {
    steps -= 1;
    if (steps > 0) return await track(work());
    if (steps === 0 && losesAnswer) await track(work());
    died.resolve("died");
    return await forever;
  };
  return {
    died: died.promise,
    step,
    db: { ...db, query: (text, params) => step(() => db.query(text, params)) } satisfies Db,
  };
}

it("P10 a thousand crashes at random points: each delivery ends, and effects that cannot be checked happen at most once", {
  timeout: 600_000,
  retry: 0,
}, async () => {
  const random = seeded(20_260_304);
  const notifications = 60;
  for (let i = 0; i < notifications; i += 1) await arrive(uploadBody(), receiver.site.origin);

  const sent = new Map<string, number>(); // As e-mails: marked before, never repeated.
  const put = new Map<string, number>(); // As PIM rows: repeating does no harm.
  const sending = inFlight();
  let crashes = 0;
  const settings = deliverSettings({ retryDelaysMs: Array(10_000).fill(0), concurrency: 3 });
  const open = async () => {
    const { rows } = await receiver.database.db.query<{ n: number }>(
      "select count(*)::int as n from deliveries where state in ('due', 'running')",
    );
    return rows[0]?.n ?? 0;
  };

  // Each worker dies; whenever nothing is open any more, more arrives, until there were a thousand crashes.
  while (crashes < 1_000) {
    if ((await open()) === 0)
      for (let i = 0; i < 20; i += 1) await arrive(uploadBody(), receiver.site.origin);
    const life = mortal(receiver.database.db, 1 + Math.floor(random() * 9), random() < 0.5, sending);
    const bump = (effects: Map<string, number>, id: string) =>
      life.step(async () => void effects.set(id, (effects.get(id) ?? 0) + 1));
    const handlers = [
      scripted("moderation", async (_notification, context) => {
        await context.markSending();
        await bump(sent, context.deliveryId);
        return random() < 0.1 ? { kind: "retry", error: "refused before it was taken" } : { kind: "done" };
      }),
      scripted("pim", async (_notification, context) => {
        await bump(put, context.deliveryId);
        return { kind: "done" };
      }),
    ];
    const ended = await Promise.race([
      life.died,
      deliver({
        db: life.db,
        handlers,
        settings,
        budgetMs: 60_000,
        handlerTimeoutMs: 30_000,
        secondLookMs: 0,
      }),
    ]);
    if (ended === "died") crashes += 1;
    await endLeases(receiver.database.db);
    await makeDue(receiver.database.db);
  }
  // The last worker lives. A claim of a dead one may have come after its lease was ended.
  await sending.idle();
  await endLeases(receiver.database.db);
  await deliver({
    db: receiver.database.db,
    handlers: [
      scripted("moderation", async (_notification, context) => {
        await context.markSending();
        sent.set(context.deliveryId, (sent.get(context.deliveryId) ?? 0) + 1);
        return { kind: "done" };
      }),
      scripted("pim", (_notification, context) => {
        put.set(context.deliveryId, (put.get(context.deliveryId) ?? 0) + 1);
        return { kind: "done" };
      }),
    ],
    settings,
    budgetMs: 60_000,
    handlerTimeoutMs: 30_000,
    secondLookMs: 0,
  });

  const { rows } = await receiver.database.db.query<{
    id: string;
    handler: string;
    state: string;
    retried: number;
  }>(
    `select d.id, handler, state, (select count(*)::int from attempts a where a.delivery_id = d.id and a.outcome = 'retry') as retried from deliveries d`,
  );
  expect(rows.length).toBeGreaterThanOrEqual(2 * notifications);
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["done", "held"]));
  for (const { id, handler, state, retried } of rows) {
    if (handler === "pim") expect([state, (put.get(id) ?? 0) >= 1]).toEqual(["done", true]);
    // A retry says that the other side did not take it; apart from those, once.
    else if (state === "done") expect((sent.get(id) ?? 0) - retried).toBe(1);
    else expect((sent.get(id) ?? 0) - retried).toBeLessThanOrEqual(1);
  }
  expect(rows.filter(({ state }) => state === "held").length).toBeGreaterThan(0);
});
