import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { type Db, database } from "../../../src/lib/database/pool.ts";
import { nameOf, prepared } from "../../../src/lib/database/prepared.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { hasPgBouncer, pooledDatabase } from "../../support/pgbouncer.ts";

const note = prepared("insert into sent (number) values ($1) returning number");

let direct: TestDatabase;
const logged: string[] = [];
beforeAll(async () => {
  direct = await realDatabase(1);
});
afterAll(() => direct.drop());
beforeEach(async () => {
  logged.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void logged.push(line));
  await direct.db.query("drop table if exists sent");
  await direct.db.query("create table sent (number int)");
});

const sentBy = async (db: Db, number: number) => (await db.query(note, [number])).rows;
const sent = async (db: Db) =>
  (await db.query<{ number: number }>("select number from sent order by number")).rows.map(
    ({ number }) => number,
  );
/** A pool of its own: pools are kept by their options. */
const another = (url: string, timeoutMs: number) => database({ url, max: 1, timeoutMs });

it("a connection prepares a marked statement once, by a name that only its text decides, and no other", async () => {
  const db = another(direct.url, 20_007);
  for (const number of [1, 2, 3]) expect(await sentBy(db, number)).toEqual([{ number }]);
  await db.query("select $1::int as number", [4]);
  const { rows } = await db.query(
    "select name, statement, (generic_plans + custom_plans)::int as runs from pg_prepared_statements",
  );
  expect(rows).toEqual([{ name: nameOf(note), statement: note, runs: 3 }]);
  expect(nameOf(note)).toMatch(/^cloudinary_webhooks_[0-9a-f]{16}$/);
  expect(nameOf("select 1")).toBeUndefined();
  await db.close();
});

it("a connection that forgot the statement runs it once, and from then on without a name", async () => {
  const db = another(direct.url, 20_001);
  await sentBy(db, 1);
  await db.query("discard all"); // As a pooler does between two clients.
  for (const number of [2, 3]) expect(await sentBy(db, number)).toEqual([{ number }]);
  expect(await sent(db)).toEqual([1, 2, 3]);
  expect((await db.query("select from pg_prepared_statements")).rows).toEqual([]);
  expect(logged).toEqual([expect.stringContaining("do not keep prepared statements")]);
  await db.close();
});

it("a connection on which somebody else prepared the name runs it once", async () => {
  const db = another(direct.url, 20_002);
  await db.query(`prepare ${nameOf(note)} as ${note}`);
  for (const number of [1, 2]) expect(await sentBy(db, number)).toEqual([{ number }]);
  expect(await sent(db)).toEqual([1, 2]);
  await db.close();
});

it("a statement whose result has other types after a migration runs it once", async () => {
  const db = another(direct.url, 20_003);
  await sentBy(db, 1);
  await direct.db.query("alter table sent alter number type text");
  expect((await db.query(note, ["2"])).rows).toEqual([{ number: "2" }]);
  expect(await sent(db)).toEqual(["1", "2"]);
  await db.close();
});

it("a connection that is dropped is replaced, and the statement is prepared again", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const db = another(direct.url, 20_004);
  await sentBy(db, 1);
  const { rows } = await db.query<{ pid: number }>("select pg_backend_pid() as pid");
  await direct.db.query("select pg_terminate_backend($1)", [rows[0]?.pid ?? 0]);
  expect(await sentBy(db, 2)).toEqual([{ number: 2 }]);
  expect((await db.query("select name from pg_prepared_statements")).rows).toEqual([{ name: nameOf(note) }]);
  await db.close();
});

it.skipIf(!hasPgBouncer)(
  "behind a pooler that passes names on, each statement of several clients runs once",
  async () => {
    // Two server connections for three clients, so that statements meet names of others and miss their own.
    const pooled = await pooledDatabase({ max: 1, poolSize: 2 });
    const clients = [pooled.db, another(pooled.url, 20_005), another(pooled.url, 20_006)];
    await pooled.db.query("create table sent (number int)");
    const numbers = Array.from({ length: 60 }, (_, index) => index);
    await Promise.all(
      clients.map(async (db, client) => {
        for (const number of numbers.filter((one) => one % clients.length === client))
          expect(await sentBy(db, number)).toEqual([{ number }]);
      }),
    );
    expect(await sent(pooled.db)).toEqual(numbers);
    expect(logged.length).toBeGreaterThan(0); // Or this pooler keeps prepared statements.
    await Promise.all(clients.slice(1).map((db) => db.close()));
    await pooled.drop();
  },
);
