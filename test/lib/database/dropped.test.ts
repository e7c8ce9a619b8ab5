import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";

let own: TestDatabase;
let other: TestDatabase;
beforeAll(async () => {
  [own, other] = await Promise.all([realDatabase(1), realDatabase(1)]);
});
afterAll(() => Promise.all([own.drop(), other.drop()]));
afterEach(() => vi.restoreAllMocks());

/** Ends the connection of `own`, once it runs a statement with this text. */
async function drop(text: string): Promise<void> {
  const name = new URL(own.url).pathname.slice(1);
  const ended = async () => {
    const { rowCount } = await other.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query like $2",
      [name, `${text}%`],
    );
    return rowCount;
  };
  await expect.poll(ended, { timeout: 10_000 }).toBe(1);
}

it("a statement whose connection is dropped meanwhile is sent again, once", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  await own.db.query("create table sent (at timestamptz)");
  // The first try waits; the second finds the row that the test has written meanwhile.
  const slow = "with waited as (select pg_sleep(case when exists (select from sent) then 0 else 20 end))";
  const answer = own.db.query<{ pid: number }>(`${slow} select pg_backend_pid() as pid from waited`);
  await expect
    .poll(async () => {
      const { rows } = await other.db.query(
        "select from pg_stat_activity where datname = $1 and wait_event = 'PgSleep'",
        [new URL(own.url).pathname.slice(1)],
      );
      return rows.length;
    })
    .toBe(1);
  const { default: pg } = await import("pg");
  const writer = new pg.Client(own.url);
  await writer.connect();
  await writer.query("insert into sent values (now())");
  await writer.end();
  await drop("with waited");
  expect((await answer).rows).toHaveLength(1);
});

it("an idle connection that is dropped is logged, and the next statement has another", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  await own.db.query("select 'idle'");
  await drop("select 'idle'");
  await expect.poll(() => warned.mock.calls.flat().join()).toContain("idle database connection dropped");
  expect((await own.db.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
});
