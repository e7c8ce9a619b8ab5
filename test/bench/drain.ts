import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Logger, makeWorkerUtils, type Runner, run } from "graphile-worker";
import pg from "pg";
import { PgBoss } from "pg-boss";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import { deliverSettings } from "../support/deliveries.ts";
import { createDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure } from "./figure.ts";
import { benchServer } from "./server.ts";

const concurrency = 8;

interface Load {
  jobs: number;
  handlerMs: number;
}

/**
 * Deliveries a second of one worker that handles eight at once, against two job queues on the same server, each set up as its
 * documentation advises for throughput. Ours loads and parses a notification for each; theirs have a payload of the same size.
 */
export async function benchDrain(rounds = 3): Promise<Figure[]> {
  const server = await benchServer();
  const { log } = console;
  console.log = () => {};
  try {
    const boss = await pgBoss(server.url);
    const graphile = await graphileWorker(server.url);
    const ours = await receiver(server.url);
    const floor = await bareStatements(server.url);
    const rates = async (load: Load) =>
      await alternate(rounds, {
        ours: () => ours.rate(load),
        graphile: () => graphile.rate(load),
        boss: () => boss.rate(load),
      });
    try {
      const load = { jobs: 3_000, handlerMs: 0 };
      const noop = await rates(load);
      const bare = await alternate(rounds, { ours: () => ours.rate(load), floor: () => floor.rate(load) });
      const slow = await rates({ jobs: 240, handlerMs: 50 });
      const possible = (concurrency * 1_000) / 50;
      return [
        compare({
          name: "drain",
          against: "graphile-worker",
          unit: "1/s",
          ours: noop.ours,
          theirs: noop.graphile,
          aim: { atLeast: 1 },
        }),
        compare({
          name: "drain",
          against: "pg-boss",
          unit: "1/s",
          ours: noop.ours,
          theirs: noop.boss,
          aim: { atLeast: 1 },
        }),
        compare({
          name: "drain",
          against: "the same rows, bare statements",
          unit: "1/s",
          ours: bare.ours,
          theirs: bare.floor,
          aim: null,
        }),
        compare({
          name: "drain, 50 ms each",
          against: "what is possible",
          unit: "1/s",
          ours: slow.ours,
          theirs: slow.ours.map(() => possible),
          aim: { atLeast: 0.95 },
        }),
        compare({
          name: "drain, 50 ms each",
          against: "graphile-worker",
          unit: "1/s",
          ours: slow.ours,
          theirs: slow.graphile,
          aim: null,
        }),
        compare({
          name: "drain, 50 ms each",
          against: "pg-boss",
          unit: "1/s",
          ours: slow.ours,
          theirs: slow.boss,
          aim: null,
        }),
      ];
    } finally {
      await ours.close();
      await floor.close();
      await graphile.close();
      await boss.close();
    }
  } finally {
    console.log = log;
    await server.stop();
  }
}

interface Queue {
  rate(load: Load): Promise<number>;
  close(): Promise<void>;
}

const body = JSON.stringify({
  notification_type: "upload",
  asset_id: "0123456789abcdef0123456789abcdef",
  public_id: "products/CHAIR-100/front",
  version: 1_795_634_072,
  resource_type: "image",
  type: "upload",
  format: "jpg",
  bytes: 1_000,
  width: 100,
  height: 100,
  secure_url: "https://res.cloudinary.com/demo/image/upload/v1795634072/products/CHAIR-100/front.jpg",
  tags: ["chair", "garden"],
});

async function receiver(url: string): Promise<Queue> {
  const db = database({ url, max: concurrency, timeoutMs: 20_000 });
  return {
    async rate({ jobs, handlerMs }) {
      await plan(db, jobs);
      const start = performance.now();
      await deliver({
        db,
        handlers: [
          {
            name: "pim",
            async handle() {
              if (handlerMs > 0) await sleep(handlerMs);
              return { kind: "done" };
            },
          },
        ],
        settings: deliverSettings({ concurrency }),
        budgetMs: 600_000,
        handlerTimeoutMs: 30_000,
        secondLookMs: 0,
      });
      const elapsedMs = performance.now() - start;
      await allAreDone(db, jobs);
      return (jobs * 1_000) / elapsedMs;
    },
    close: () => db.close(),
  };
}

async function plan(db: Db, jobs: number): Promise<void> {
  await db.query("truncate notifications cascade");
  await db.query(
    `with n as (
       insert into notifications (identity, body_sha256, type, public_id, body)
       select gen_random_uuid()::text, '', 'upload', 'products/' || i, convert_to($2, 'utf8') from generate_series(1, $1::int) i returning id)
     insert into deliveries (notification_id, handler) select id, 'pim' from n`,
    [jobs, body],
  );
  await settled(db, ["notifications", "deliveries", "attempts"]);
}

async function allAreDone(db: Db, jobs: number): Promise<void> {
  const { rows } = await db.query<{ n: number }>(
    "select count(*)::int as n from deliveries where state = 'done'",
  );
  if (rows[0]?.n !== jobs) throw new Error(`${rows[0]?.n} of ${jobs} were delivered`);
}

/** What the promises leave in the tables at least: a fenced row, an attempt that is opened and closed, and the body in the worker. */
async function bareStatements(url: string): Promise<Queue> {
  const db = database({ url, max: 1, timeoutMs: 20_000 });
  const claimed = `
with picked as (
  select id from deliveries where state = 'due' and handler = 'pim' and due_at <= now() order by due_at limit 200 for update skip locked
), claimed as (
  update deliveries d set state = 'running', attempts = attempts + 1, lease_until = now() + interval '1 minute', worker = $1::uuid
  from picked where d.id = picked.id returning d.id, d.attempts, d.notification_id
), opened as (
  insert into attempts (delivery_id, number) select id, attempts from claimed
)
select c.id, n.body from claimed c join notifications n on n.id = c.notification_id`;
  const ended = `
with settled as (
  update deliveries d set state = 'done', lease_until = null, worker = null, settled_at = now()
  from unnest($1::uuid[]) as e (id) where d.id = e.id and d.state = 'running' and d.attempts = 1 returning d.id
)
update attempts a set ended_at = now(), outcome = 'done' from settled where a.delivery_id = settled.id and a.number = 1`;
  return {
    async rate({ jobs }) {
      await plan(db, jobs);
      const start = performance.now();
      for (;;) {
        const { rows } = await db.query<{ id: string }>(claimed, [randomUUID()]);
        if (rows.length === 0) break;
        await db.query(ended, [rows.map(({ id }) => id)]);
      }
      const elapsedMs = performance.now() - start;
      await allAreDone(db, jobs);
      return (jobs * 1_000) / elapsedMs;
    },
    close: () => db.close(),
  };
}

const silent = new Logger(() => () => {});

/** https://worker.graphile.org/docs/performance */
async function graphileWorker(serverUrl: string): Promise<Queue> {
  const url = await createDatabase(serverUrl, "bench_graphile");
  const pool = new pg.Pool({ connectionString: url, max: concurrency + 2 });
  // Both handlers that it asks for; the server stops before the pool.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return {
    async rate({ jobs, handlerMs }) {
      let left = jobs;
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const start = async (): Promise<Runner> =>
        await run({
          pgPool: pool,
          logger: silent,
          noHandleSignals: true,
          preset: {
            worker: {
              concurrentJobs: concurrency,
              localQueue: { size: 500 },
              completeJobBatchDelay: 0,
              failJobBatchDelay: 0,
            },
          },
          taskList: {
            async bench() {
              if (handlerMs > 0) await sleep(handlerMs);
              left -= 1;
              if (left === 0) finish();
            },
          },
        });
      await (await start()).stop(); // Its schema.
      const jobSpec = { identifier: "bench", payload: JSON.parse(body) };
      const utils = await makeWorkerUtils({ pgPool: pool, logger: silent });
      await utils.addJobs(Array.from({ length: jobs }, () => jobSpec));
      await utils.release();
      await pool.query("vacuum analyze graphile_worker._private_jobs");
      const at = performance.now();
      const runner = await start();
      await finished;
      await runner.stop(); // Its last completions are written.
      return (jobs * 1_000) / (performance.now() - at);
    },
    close: () => pool.end(),
  };
}

/** https://timgit.github.io/pg-boss */
async function pgBoss(serverUrl: string): Promise<Queue> {
  const url = await createDatabase(serverUrl, "bench_boss");
  const boss = new PgBoss({ connectionString: url, max: concurrency, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  let queues = 0;
  return {
    async rate({ jobs, handlerMs }) {
      queues += 1;
      const queue = `bench-${queues}`;
      await boss.createQueue(queue);
      for (let sent = 0; sent < jobs; sent += 1_000)
        await boss.insert(
          queue,
          Array.from({ length: Math.min(1_000, jobs - sent) }, () => ({ data: JSON.parse(body) })),
        );
      let left = jobs;
      let finish = () => {};
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const at = performance.now();
      // A batch is handled together; with slow jobs, one at a time each, or eight would not be at work.
      await boss.work(
        queue,
        {
          batchSize: handlerMs > 0 ? 1 : 50,
          localConcurrency: handlerMs > 0 ? concurrency : 1,
          pollingIntervalSeconds: 0.5,
          burstWhenBatchFull: true,
        },
        async (batch) => {
          if (handlerMs > 0) await sleep(handlerMs);
          left -= batch.length;
          if (left === 0) finish();
        },
      );
      await finished;
      await boss.offWork(queue, { wait: true });
      return (jobs * 1_000) / (performance.now() - at);
    },
    close: () => boss.stop({ graceful: false }),
  };
}

async function settled(db: Db, tables: readonly string[]): Promise<void> {
  for (const table of tables) await db.query(`vacuum analyze ${table}`);
}
