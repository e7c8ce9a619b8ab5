import { type Db, database } from "../../src/lib/database/pool.ts";
import { claim } from "../../src/lib/deliveries/claim.ts";
import { earliestDue } from "../../src/lib/deliveries/earliest-due.ts";
import { forgetOld } from "../../src/lib/deliveries/retention.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure, median } from "./figure.ts";
import { benchServer } from "./server.ts";

const perRound = 5;

/** What the worker and the sweep ask again and again, beside deliveries that have to wait or to stay, against the same without them. */
export async function benchBacklog(rounds = 6): Promise<Figure[]> {
  const server = await benchServer();
  const empty = database({
    url: await createMigratedDatabase(server.url, "bench_empty"),
    max: 1,
    timeoutMs: 60_000,
  });
  try {
    const figures: Figure[] = [];
    for (const [name, { fill, less, ask }] of Object.entries(backlogs)) {
      const filled = async (suffix: string, fill: Fill) => {
        const url = await createMigratedDatabase(server.url, `bench_${figures.length}_${suffix}`);
        const db = database({ url, max: 1, timeoutMs: 600_000 });
        await fill(db);
        await db.query("vacuum analyze");
        return db;
      };
      const full = await filled("full", fill);
      const other = less ? await filled("less", less.fill) : empty;
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(ask, full), theirs: () => millisecondsOf(ask, other) },
        2,
      );
      const against = less?.against ?? "an empty table";
      figures.push(compare({ name, against, unit: "ms", ...times, aim: { atMost: 1.5 } }));
      await full.close();
      if (less) await other.close();
    }
    return figures;
  } finally {
    await empty.close();
    await server.stop();
  }
}

type Fill = (db: Db) => Promise<unknown>;

interface Backlog {
  fill: Fill;
  /** Instead of an empty table. */
  less?: { against: string; fill: Fill };
  ask(db: Db): Promise<unknown>;
}

const claimNext = (db: Db) =>
  claim(db, {
    worker: crypto.randomUUID(),
    handlers: ["email", "pim", "orders.fifo"],
    limit: 8,
    idle: true,
    leaseMs: 60_000,
    maxTries: 8,
    maxWorkers: 4,
  });

const backlogs: Record<string, Backlog> = {
  "claim beside 100,000 deliveries of a paused handler": {
    fill: (db) => addPaused(db, 100_000),
    ask: claimNext,
  },
  "the next due delivery beside 100,000 of a paused handler": {
    fill: (db) => addPaused(db, 100_000),
    ask: earliestDue,
  },
  "claim beside 2,000 deliveries of one asset that wait for their turn (.fifo)": {
    fill: (db) => addOrdered(db, 2_000),
    ask: claimNext,
  },
  "the next due delivery beside 2,000 of one asset that wait for their turn (.fifo)": {
    fill: (db) => addOrdered(db, 2_000),
    ask: earliestDue,
  },
  "retention beside 100,000 dead letters that stay": {
    fill: (db) => addDead(db, 100_000),
    less: { against: "10,000 dead letters", fill: (db) => addDead(db, 10_000) },
    ask: (db) => forgetOld(db, { days: 30, openDays: 180 }, 3_000),
  },
};

async function addPaused(db: Db, count: number): Promise<void> {
  await add(db, { count, handler: "email" });
  await db.query("insert into paused_handlers (handler, paused_by) values ('email', 'bench')");
}

/** As a worker leaves them that has claimed the first: the others are set aside (wait-for-turn.ts). */
async function addOrdered(db: Db, count: number): Promise<void> {
  await add(db, { count, handler: "orders.fifo", subject: "chair", running: 1 });
  await claimNext(db);
}

const addDead = (db: Db, count: number) => add(db, { count, handler: "pim", state: "dead", days: 60 });

interface Added {
  count: number;
  handler: string;
  state?: string;
  subject?: string;
  /** So many of them are being delivered. */
  running?: number;
  days?: number;
}

async function add(
  db: Db,
  { count, handler, state = "due", subject, running = 0, days = 0 }: Added,
): Promise<void> {
  await db.query(
    `with n as (
       insert into notifications (identity, body_sha256, type, body, received_at)
       select i::text, '', 'upload', '{}', now() - $3::int * interval '1 day' from generate_series(1, $1::int) i returning id, identity::int as i)
     insert into deliveries (notification_id, handler, subject, state, settled_at, lease_until, worker)
     select id, $2, $4::text, case when i <= $5::int then 'running' else $6 end, case when $6 = 'dead' then now() - $3::int * interval '1 day' end,
            case when i <= $5::int then now() + interval '1 hour' end, case when i <= $5::int then gen_random_uuid() end
     from n`,
    [count, handler, days, subject ?? null, running, state],
  );
}

async function millisecondsOf(ask: (db: Db) => Promise<unknown>, db: Db): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < perRound; n += 1) {
    const start = performance.now();
    await ask(db);
    times.push(performance.now() - start);
  }
  return median(times);
}
