import { afterAll, beforeAll, expect, it } from "vitest";
import type { Db } from "../../../src/lib/database/pool.ts";
import { earliestDue } from "../../../src/lib/deliveries/earliest-due.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { claimPim } from "../../support/deliveries.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

/** Adds notifications with one delivery each. */
async function add(count: number, state: "due" | "done", handler = "pim"): Promise<void> {
  await insert(count, state, handler);
  await database.db.query("vacuum analyze deliveries");
  await database.db.query("vacuum analyze notifications");
}

async function insert(count: number, state: "due" | "done", handler: string): Promise<void> {
  await database.db.query(
    `with n as (
       insert into notifications (identity, body_sha256, type, body)
       select gen_random_uuid()::text, '', 'upload', '{}' from generate_series(1, $1::int) returning id)
     insert into deliveries (notification_id, handler, state, due_at) select id, $3, $2, now() - interval '1 minute' from n`,
    [count, state, handler],
  );
}

/** The pages that a call touches, as PostgreSQL counts them: a measure without a clock. */
async function pagesOf(call: (db: Db) => Promise<unknown>): Promise<number> {
  let pages = 0;
  const explaining: Db = {
    ...database.db,
    query: async (text, params) => {
      const { rows } = await database.db.query<{ "QUERY PLAN": [{ Plan: Record<string, number> }] }>(
        `explain (analyze, buffers, format json) ${text}`,
        params,
      );
      const plan = rows[0]?.["QUERY PLAN"][0].Plan;
      pages = (plan?.["Shared Hit Blocks"] ?? 0) + (plan?.["Shared Read Blocks"] ?? 0);
      return { rows: [], rowCount: 0 };
    },
  };
  await call(explaining);
  return pages;
}

/** The pages of a claim of eight, which is undone. */
async function pagesOfAClaim(): Promise<number> {
  const pages = await pagesOf((db) => claimPim(db, { handlers: ["email", "pim"] }));
  await database.db.query(
    "update deliveries set state = 'due', attempts = 0, lease_until = null where state = 'running'",
  );
  await database.db.query("delete from attempts");
  await database.db.query("vacuum analyze deliveries");
  return pages;
}

it("P6 claiming reads the same number of pages with 200 due deliveries as with 20,000 and a history", {
  timeout: 120_000,
}, async () => {
  await add(200, "due");
  const few = await pagesOfAClaim();
  expect(few).toBeGreaterThan(8);
  await add(20_000, "due");
  await add(5_000, "done");
  const many = await pagesOfAClaim();
  expect(many).toBeLessThan(2.5 * few); // Deeper trees; a scan of the backlog would be hundreds of pages.
});

it("the backlog of a paused handler adds nothing to a claim, nor to looking for the next delivery that is due", {
  timeout: 120_000,
}, async () => {
  const claimed = await pagesOfAClaim();
  const looked = await pagesOf(earliestDue);
  await database.db.query("insert into paused_handlers (handler, paused_by) values ('email', 'ada')");
  await add(20_000, "due", "email");
  // It is due before all others.
  await database.db.query("update deliveries set due_at = now() - interval '1 day' where handler = 'email'");
  await database.db.query("vacuum analyze deliveries");
  expect(await pagesOfAClaim()).toBeLessThan(1.5 * claimed);
  expect(await pagesOf(earliestDue)).toBeLessThan(looked + 10);
  const at = await earliestDue(database.db);
  expect(Date.now() - Number(at)).toBeLessThan(60 * 60_000);
  await database.db.query(
    "delete from notifications where id in (select notification_id from deliveries where handler = 'email')",
  );
});

it("concurrent workers claim each delivery once", async () => {
  const claims = await Promise.all(
    Array.from({ length: 40 }, () => claimPim(database.db, { limit: 5, idle: false, maxWorkers: 100 })),
  );
  const ids = claims.flatMap(({ jobs }) => jobs.map(({ deliveryId }) => deliveryId));
  expect(ids.length).toBe(200);
  expect(new Set(ids).size).toBe(200);
});
