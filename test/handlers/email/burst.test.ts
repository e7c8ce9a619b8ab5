import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { settings } from "../../../src/settings.ts";
import { hexId } from "../../support/bodies.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { makeDue } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { holdClock, type PostOffice, postOffice } from "./post-office.ts";

beforeEach(({ onTestFinished }) => holdClock(onTestFinished));

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
    timeout: 240_000,
  }, async () => {
    await burst(many);
    // However long a busy machine takes for so many, it is one burst.
    await office.work({ email: { digest: { ...settings.email.digest, withinMs: 600_000 } } });
    const { done = 0, due = 0 } = await states();
    expect(done).toBeGreaterThanOrEqual(20);
    expect(done).toBeLessThanOrEqual(27); // Eight are sent side by side, and those do not see each other.
    expect(due).toBe(many - done);
    const { rows } = await office.db.query(
      "select distinct attempts - waits as tries, waits > 0 as waited, subject is not null as grouped from deliveries where state = 'due'",
    );
    expect(rows).toMatchObject([{ tries: 0, waited: true, grouped: true }]);

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

  describe("the daily limit", () => {
    const limited = { email: { maxPerDay: 5 } };
    /** Only the digest of the hour is counted under the group's name. */
    const anHourLater = () =>
      office.db.query("update mail_limits set period = period - interval '1 hour' where scope <> 'day'");
    /** By the clock of the database, which is not held: where an hour ends within 15 s, the next one begins first. */
    const hourGoesOn = () =>
      office.db.query(
        `select pg_sleep(seconds) from (select extract(epoch from date_trunc('hour', now()) + interval '1 hour' - now())::float8 as seconds) hour
         where seconds < 15`,
      );
    beforeEach(async () => {
      await office.db.query("delete from mail_limits");
      await hourGoesOn();
    });

    it("is exact with two workers, and the rest is one digest an hour", {
      repeats: repeats / 5,
    }, async () => {
      await burst(40);
      await Promise.all([office.work(limited), office.work(limited)]);
      expect(await states()).toEqual({ done: 5, due: 35 });
      expect(subjects()).toHaveLength(5);

      await makeDue(office.db);
      await Promise.all([office.work(limited), office.work(limited)]);
      await makeDue(office.db); // What gave way to the digest has nothing left to do.
      await office.work(limited);
      expect(subjects()).toHaveLength(6);
      expect(subjects().at(-1)).toBe("35 notifications from Cloudinary");
      expect(await states()).toEqual({ done: 40 });

      await burst(12);
      await office.work(limited);
      await makeDue(office.db);
      await Promise.all([office.work(limited), office.work(limited)]);
      expect(subjects()).toHaveLength(6); // The hour has had its digest.
      expect(await states()).toEqual({ done: 40, due: 12 });

      await anHourLater();
      await makeDue(office.db);
      await Promise.all([office.work(limited), office.work(limited)]);
      await makeDue(office.db);
      await office.work(limited);
      expect(subjects()).toHaveLength(7);
      expect(subjects().at(-1)).toBe("12 notifications from Cloudinary");
      expect(await states()).toEqual({ done: 52 });
    });

    it("waits until the next full hour, without using up an attempt", async () => {
      const [id = ""] = await burst(1);
      await office.work({ email: { maxPerDay: 0 } });
      const delivery = await office.delivery(id);
      expect(delivery).toMatchObject({ state: "due", attempts: 1, waits: 1, sending_at: null });
      expect(delivery.dueInMs).toBeGreaterThan(0);
      expect(delivery.dueInMs).toBeLessThanOrEqual(3_602_000);
      expect(subjects()).toEqual([]);
    });

    it("does not count mails that SendGrid did not accept", async () => {
      office.faults.add({ kind: "status", status: 503, times: 2 });
      await burst(4);
      await office.work(limited);
      const { rows } = await office.db.query<{ sent: number }>(
        "select sent from mail_limits where scope = 'day'",
      );
      const { done = 0 } = await states();
      expect(rows).toEqual([{ sent: done }]);
    });

    it("is disabled by null, and starts again each day", async () => {
      await burst(7);
      await office.work({ email: { maxPerDay: null } });
      expect(await states()).toEqual({ done: 7 });
      await office.db.query(
        "insert into mail_limits values ('day', date_trunc('day', now() at time zone 'utc') at time zone 'utc' - interval '1 day', 5)",
      );
      await burst(3);
      await office.work(limited);
      expect(await states()).toEqual({ done: 10 });
    });
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
