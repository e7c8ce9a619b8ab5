import { type Db, database } from "../../src/lib/database/pool.ts";
import { claim } from "../../src/lib/deliveries/claim.ts";
import { earliestDue } from "../../src/lib/deliveries/earliest-due.ts";
import { forgetOld } from "../../src/lib/deliveries/retention.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure, median } from "./figure.ts";
import { benchServer } from "./server.ts";

const perRound = 5;
const against = "an empty table";

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
    for (const [name, { fill, ask, atMost }] of Object.entries(backlogs)) {
      const url = await createMigratedDatabase(server.url, `bench_${figures.length}`);
      const full = database({ url, max: 1, timeoutMs: 600_000 });
      await fill(full);
      await full.query("vacuum analyze");
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(ask, full), theirs: () => millisecondsOf(ask, empty) },
        2,
      );
      figures.push(
        compare({ name, against, unit: "ms", ...times, aim: atMost === null ? null : { atMost } }),
      );
      await full.close();
    }
    return figures;
  } finally {
    await empty.close();
    await server.stop();
  }
}

interface Backlog {
  fill(db: Db): Promise<unknown>;
  ask(db: Db): Promise<unknown>;
  atMost: number | null;
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
    atMost: 1.5,
  },
  "the next due delivery beside 100,000 of a paused handler": {
    fill: (db) => addPaused(db, 100_000),
    ask: earliestDue,
    atMost: 1.5,
  },
  "claim beside 2,000 deliveries of one asset that wait for their turn (.fifo)": {
    fill: (db) => add(db, { count: 2_000, handler: "orders.fifo", subject: "chair", running: 1 }),
    ask: claimNext,
    atMost: null,
  },
  "retention beside 20,000 dead letters that stay": {
    fill: (db) => add(db, { count: 20_000, handler: "pim", state: "dead", days: 60 }),
    ask: (db) => forgetOld(db, { days: 30, openDays: 180 }, 0),
    atMost: null,
  },
};

async function addPaused(db: Db, count: number): Promise<void> {
  await add(db, { count, handler: "email" });
  await db.query("insert into paused_handlers (handler, paused_by) values ('email', 'bench')");
}

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
