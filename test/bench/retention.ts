import { type Db, database } from "../../src/lib/database/pool.ts";
import { forgetOld } from "../../src/lib/deliveries/retention.ts";
import { compare, type Figure, median } from "./figure.ts";
import { benchServer } from "./server.ts";

/** What becomes old within the five minutes between two sweeps, at ten million notifications a month. */
const perSweep = 1_157;
/** Two hours of sweeps. */
const sweeps = 24;
/** With `--scale`: three days. */
const sweepsAtScale = 864;
/** One in so many has a delivery that failed permanently, so it stays. */
const oneStaysIn = 100;
const budgetMs = 3_000;

/**
 * Retention at ten million notifications a month, sweep after sweep: whether each sweep deletes what has become old, and what the last
 * sweeps take compared with the first.
 */
export async function benchRetention(atScale: boolean): Promise<Figure[]> {
  const count = atScale ? sweepsAtScale : sweeps;
  const server = await benchServer();
  const db = database({ url: server.url, max: 1, timeoutMs: 600_000 });
  try {
    const times: number[] = [];
    const left: number[] = [];
    await becomeOld(db, 20 * perSweep, 1); // Not yet old: the history.
    await db.query("vacuum analyze");
    for (let sweep = 0; sweep < count; sweep += 1) {
      await becomeOld(db, perSweep, 31);
      const start = performance.now();
      await forgetOld(db, { days: 30, openDays: 180 }, budgetMs);
      times.push(performance.now() - start);
      left.push(await overdue(db));
    }
    const third = Math.floor(count / 3);
    const described = { unit: "ms", against: "the first third of them" } as const;
    return [
      {
        name: `retention: left at most after one of ${count} sweeps, 10 million a month`,
        against: "what becomes old between two",
        unit: "rows",
        ours: Math.max(...left),
        theirs: perSweep,
        ratio: Math.max(...left) / perSweep,
        spread: null,
        aim: { atMost: 1 },
      },
      compare({
        ...described,
        name: "retention: the last third of the sweeps",
        ours: times.slice(-third),
        theirs: times.slice(0, third),
        aim: { atMost: 1.5 },
      }),
      {
        name: "retention: a sweep",
        against: "its time",
        unit: "ms",
        ours: median(times),
        theirs: budgetMs,
        ratio: median(times) / budgetMs,
        spread: null,
        aim: { atMost: 1 },
      },
    ];
  } finally {
    await db.close();
    await server.stop();
  }
}

/** Notifications with two deliveries each, their attempts and their search texts. */
async function becomeOld(db: Db, count: number, days: number): Promise<void> {
  await db.query(
    `with n as (
       insert into notifications (identity, body_sha256, type, asset_id, body, received_at)
       select gen_random_uuid()::text, '', 'upload', gen_random_uuid()::text, convert_to(repeat('x', 600), 'utf8'),
              clock_timestamp() - $2::int * interval '1 day'
       from generate_series(1, $1::int) returning id, asset_id
     ), numbered as (
       select id, asset_id, row_number() over () as i from n
     ), texts as (
       insert into search_texts (key, text, labels) select asset_id, asset_id || ' chair', '{}' from n
     ), d as (
       insert into deliveries (notification_id, handler, state, attempts, settled_at)
       select id, handler, case when handler = 'pim' and i % ${oneStaysIn} = 0 then 'dead' else 'done' end, 1, now()
       from numbered, unnest(array['pim', 'email']) as handler returning id
     )
     insert into attempts (delivery_id, number, ended_at, outcome) select id, 1, now(), 'done' from d`,
    [count, days],
  );
}

/** Old notifications that nothing keeps. */
async function overdue(db: Db): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(*)::int as n from notifications n
     where received_at < now() - interval '30 days'
       and not exists (select from deliveries d where d.notification_id = n.id and d.state = 'dead')`,
  );
  return rows[0]?.n ?? 0;
}
