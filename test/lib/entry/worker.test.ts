import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import deliverBackground from "../../../netlify/functions/deliver-background.ts";
import notification from "../../../netlify/functions/notification.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { sendNudge } from "../../../src/lib/deliveries/nudge.ts";
import { wakeUps } from "../../../src/lib/deliveries/wake-up.ts";
import { safely } from "../../../src/lib/entry/safely.ts";
import { blobs, type TestBlobs } from "../../support/blobs.ts";
import { uploadBody } from "../../support/bodies.ts";
import { arrive, deliveriesOf } from "../../support/deliveries.ts";
import { environment } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { signedRequest, testSecret } from "../../support/signed-request.ts";
import { site } from "../../support/site.ts";

const receiver = ownReceiver();

const at = (headers: Record<string, string> = {}) =>
  new Request(new URL("/.netlify/functions/deliver-background", receiver.site.origin), {
    method: "POST",
    headers,
  });

const sweepRequest = () =>
  new Request(new URL("/.netlify/functions/sweep", receiver.site.origin), {
    method: "POST",
    body: '{"next_run":"soon"}',
  });

/** A real nudge, caught on its way. */
async function nudgeHeaders(secret = testSecret): Promise<Record<string, string>> {
  await sendNudge(receiver.site.origin, [
    { name: "CLOUDINARY_URL", value: secret, expiresAt: null, cloud: null },
  ]);
  return { "x-nudge": receiver.site.requests.at(-1)?.headers["x-nudge"] ?? "" };
}

describe("deliver-background", () => {
  it("delivers due deliveries after a nudge", async () => {
    const id = await arrive(uploadBody({ public_id: "products/LAMP-7/main" }), receiver.site.origin);
    const response = await invoke(deliverBackground, at(await nudgeHeaders()));
    expect(response.status).toBe(200);
    expect(await deliveriesOf(receiver.database.db, id)).toMatchObject([
      { handler: "moderation", state: "skipped" },
      { handler: "pim", state: "done" },
    ]);
  });

  it("rejects calls that are not from the receiver itself, and claims nothing", async () => {
    const id = await arrive(uploadBody(), receiver.site.origin);
    for (const headers of [
      {},
      { "x-nudge": "0".repeat(64) },
      await nudgeHeaders("another-secret-altogether"),
    ]) {
      const response = await invoke(deliverBackground, at(headers));
      expect([response.status, await response.json()]).toEqual([401, { error: { reason: "not-a-nudge" } }]);
    }
    for (const delivery of await deliveriesOf(receiver.database.db, id))
      expect(delivery).toMatchObject({ state: "due", attempts: 0 });
  });

  it("accepts the hook's own nudge", async () => {
    await sleep(1_100); // The pulse of the notification before.
    const before = receiver.site.requests.length;
    await arrive(uploadBody(), receiver.site.origin);
    const sent = receiver.site.requests.slice(before);
    expect(sent).toHaveLength(1);
    const response = await invoke(deliverBackground, at({ "x-nudge": sent[0]?.headers["x-nudge"] ?? "" }));
    expect(response.status).toBe(200);
  });
});

describe("a database that sleeps", () => {
  let store: TestBlobs;
  beforeEach(async () => {
    store = await blobs();
    environment({
      NETLIFY_DB_URL: receiver.database.url,
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
    });
  });
  afterEach(() => store.stop());

  it("is queried by a sweep after a lost nudge", async () => {
    const away = await site(500);
    await receiver.database.db.query("update pulse set at = now() - interval '1 minute'");
    await arrive(uploadBody(), away.origin);
    await away.close();
    expect(await store.keys()).toEqual([expect.stringMatching(/^due\/\d{8}T\d{4}$/)]);
  });

  describe("while a worker runs", () => {
    const scheduled = async () =>
      (await store.keys()).map((key) => key.replace(/^due\/\d{8}T\d{4}/, "<minute>"));
    const work = async () =>
      expect((await invoke(deliverBackground, at(await nudgeHeaders()))).status).toBe(200);

    beforeEach(async () => {
      await receiver.database.db.query("delete from notifications"); // Nothing is due later.
    });

    it("is queried by a sweep in case the worker is lost, and sleeps if it ends with nothing left", async () => {
      const working = work();
      await expect
        .poll(scheduled, { interval: 20 })
        .toEqual([expect.stringMatching(/^<minute>\/[\da-f-]{36}$/)]);
      // Of another worker, which goes on.
      const other = wakeUps().safeguard();
      await other.renew(new Date());
      await working;
      expect(await scheduled()).toHaveLength(1);
      await other.withdraw();
      expect(await scheduled()).toEqual([]);
    });

    it("an isolated notification keeps it awake for the worker's seconds, and no sweep of the next five hours queries it", async () => {
      const client = new pg.Client(receiver.database.url);
      await client.connect();
      // By the server's own account: when the last statement of any other session ended; null when all have ended.
      const lastStatement = async (): Promise<{ now: Date; at: Date | null }> => {
        const { rows } = await client.query(
          `select clock_timestamp() as now, max(state_change) as at from pg_stat_activity
           where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
        );
        return rows[0];
      };
      try {
        const { now: begun } = await lastStatement();
        await arrive(uploadBody(), receiver.site.origin);
        await work();
        const { at } = await lastStatement();
        if (at === null) throw new Error("the worker has no session");
        expect(await scheduled()).toEqual([]);
        // Five minutes is what the database waits for before it sleeps.
        expect(at.getTime() - begun.getTime()).toBeLessThan(60_000);
        vi.useFakeTimers({ toFake: ["Date"] });
        for (let minutes = 5; minutes <= 300; minutes += 5) {
          vi.setSystemTime(new Date(`2026-11-26T12:01:00Z`).getTime() + minutes * 60_000);
          const response = await invoke(sweep, sweepRequest());
          expect(await response.json()).toEqual({ looked: false });
          const last = await lastStatement();
          expect(last.at ?? at).toSatisfy((ended: Date) => ended <= at);
        }
      } finally {
        vi.useRealTimers();
        await client.end();
      }
    });

    it("is queried by a sweep when a delivery is due later", async () => {
      await arrive(uploadBody(), receiver.site.origin);
      await receiver.database.db.query("update deliveries set due_at = now() + interval '10 minutes'");
      await work();
      expect(await scheduled()).toEqual(["<minute>"]);
    });

    it("failures are reported by the worker, because no sweep follows", async () => {
      environment({
        NETLIFY_DB_URL: receiver.database.url,
        CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
      });
      await arrive(uploadBody(), receiver.site.origin);
      await receiver.database.db.query(
        "update deliveries set state = 'dead', settled_at = now(), last_error = 'Akeneo returned 403' where handler = 'pim'",
      );
      await work();
      const { rows } = await receiver.database.db.query("select kind from alert_states where active");
      expect(rows).toContainEqual({ kind: "dead" });
    });
  });
});

describe("sweep", () => {
  it("marks decisions that were answered, so that what waits for a person is looked for among few", async () => {
    await receiver.database.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
       select asset_id, 1, 'manual', status, decided_at::timestamptz, 'none' from (values
         ('answered', 'pending', '2026-11-01T10:00Z'), ('answered', 'approved', '2026-11-01T10:05Z'),
         ('open', 'pending', '2026-11-01T10:00Z')) d (asset_id, status, decided_at)`,
    );
    await invoke(sweep, sweepRequest());
    const { rows } = await receiver.database.db.query(
      "select asset_id from moderation_decision where status = 'pending' and not answered",
    );
    expect(rows).toEqual([{ asset_id: "open" }]);
  });

  it("I10 finds deliveries whose nudge was lost", async () => {
    const away = await site(500); // Every nudge is lost.
    const id = await arrive(uploadBody(), away.origin);
    await away.close();
    const response = await invoke(sweep, sweepRequest());
    expect(await response.json()).toMatchObject({ looked: true, left: false });
    for (const delivery of await deliveriesOf(receiver.database.db, id))
      expect(["done", "skipped"]).toContain(delivery.state);
  });
});

describe.each([
  ["deliver-background", deliverBackground],
  ["sweep", sweep],
])("%s", (_name, work) => {
  it.each(["deploy-preview", "branch-deploy"])("claims nothing in a %s", async (deployContext) => {
    await arrive(uploadBody(), receiver.site.origin);
    const response = await invoke(work, at(await nudgeHeaders()), { deployContext });
    expect(response.status).toBe(503);
    const { rows } = await receiver.database.db.query(
      "select count(*)::int as n from deliveries where state = 'due'",
    );
    expect(rows[0]?.n).toBeGreaterThan(0);
  });

  it("answers 500 without a configuration", async () => {
    const headers = await nudgeHeaders();
    environment({});
    expect((await invoke(work, at(headers))).status).toBe(500);
  });
});

it("an error that the platform prints quotes nothing of a row", async () => {
  const { db } = receiver.database;
  await db.query(`create function refuse() returns trigger language plpgsql as $$ begin
    raise exception 'rejected for ada@example.com' using errcode = '23514', table = 'search_progress',
      detail = 'Failing row contains (ada@example.com, SG.secret).', hint = 'grace@example.com';
  end $$`);
  await db.query(
    "create trigger refuse before update on search_progress for each row execute function refuse()",
  );
  try {
    await arrive(uploadBody(), receiver.site.origin);
    for (const work of [deliverBackground, sweep]) {
      const run = invoke(work, at(await nudgeHeaders()));
      const printed = inspect(await run.catch((error: unknown) => error), { depth: null, showHidden: true });
      expect(printed).toMatch(
        /^error: the database rejected a statement: SQLSTATE 23514, table search_progress\n +at /,
      );
      expect(printed).not.toMatch(/ada|grace|SG\.secret|Failing row/);
    }
  } finally {
    await db.query("drop function refuse cascade");
  }
});

it("an error of the network that the platform prints keeps its message", async () => {
  const lost = safely(async () => {
    throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  });
  await expect(lost(at({}), null)).rejects.toThrow("EPIPE: write EPIPE");
});

it("an unverified request causes no nudge", async () => {
  await sleep(1_100);
  const before = receiver.site.requests.length;
  await invoke(
    notification,
    signedRequest(uploadBody(), { origin: receiver.site.origin, secret: "wrong-wrong-wrong" }),
  );
  expect(receiver.site.requests.length).toBe(before);
});
