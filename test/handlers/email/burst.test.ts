import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { hexId } from "../../support/bodies.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { makeDue } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

// Five seconds into a minute, so that none ends while a test runs. Only the clock stands still; timers go on.
beforeEach(() => {
  vi.useFakeTimers({ now: Math.floor(Date.now() / 60_000) * 60_000 + 5_000, toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each<[string, number, number, () => Promise<TestDatabase>]>([
  ["PostgreSQL", 500, 5, realDatabase],
  ["PGlite as netlify dev runs it", 100, 0, embeddedDatabase],
])("digests on %s", (_name, many, repeats, open) => {
  let database: TestDatabase;
  let office: PostOffice;
  beforeAll(async () => {
    database = await open();
    office = await postOffice(database);
  });
  afterAll(async () => {
    await office.close();
    await database.drop();
  });
  beforeEach(() => office.clear());

  const burst = (count: number) =>
    Promise.all(
      Array.from({ length: count }, (_, n) =>
        office.arrive(eagerBody({ public_id: `burst/${n}`, asset_id: hexId() })),
      ),
    );
  const states = async () => {
    const { rows } = await office.db.query<{ state: string; n: number }>(
      "select state, count(*)::int as n from deliveries group by state",
    );
    return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
  };
  const subjects = () => office.requests.map(({ subject }) => subject);

  it("E4 sends 20 mails and one digest for hundreds of concurrent notifications", {
    timeout: 120_000,
  }, async () => {
    await burst(many);
    await office.work();
    const { done = 0, due = 0 } = await states();
    expect(done).toBeGreaterThanOrEqual(20);
    expect(done).toBeLessThanOrEqual(27); // Eight are sent side by side, and those do not see each other.
    expect(due).toBe(many - done);
    const { rows } = await office.db.query(
      "select distinct waits, attempts, subject is not null as grouped from deliveries where state = 'due'",
    );
    expect(rows).toMatchObject([{ waits: 1, attempts: 1, grouped: true }]);

    await makeDue(office.db);
    await office.work();
    expect(await states()).toEqual({ done: many });
    expect(subjects()).toHaveLength(done + 1);
    expect(subjects().at(-1)).toBe(`${many - done} notifications from Cloudinary`);
    expect(office.mails()).toHaveLength(2 * (done + 1));
    const tries = await office.db.query(
      "select outcome, count(*)::int as n from attempts group by outcome order by outcome",
    );
    // Each waited once; those that were claimed beside the digest's own delivery gave way to it.
    expect(tries.rows).toMatchObject([{ outcome: "done", n: many }, { outcome: "wait" }]);
  });

  it("sends one digest with two concurrent workers", { repeats }, async () => {
    const ids = await burst(60);
    await office.work({ email: { digest: { most: 0, withinMs: 60_000, largest: 500 } } });
    expect(await states()).toEqual({ due: 60 });
    await makeDue(office.db);
    await Promise.all([office.work(), office.work()]);
    await makeDue(office.db);
    await office.work();
    expect(await states()).toEqual({ done: 60 });
    expect(subjects()).toEqual(["60 notifications from Cloudinary"]);
    const first = await office.delivery(ids[0] ?? "");
    expect(first.result).toMatchObject({ notifications: 60, accepted: ["a…@example.com", "g…@example.org"] });
  });
});
