import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { settings } from "../../../src/settings.ts";
import { uploadBody } from "../../support/bodies.ts";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { freePort } from "../../support/free-port.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest, testSecret } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { operatorToken } from "../tokens.ts";

let database: TestDatabase;
let here: Site;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(async () => {
  configured(database.url, { OPERATOR_TOKEN: operatorToken });
  await empty(database.db, "notifications", "heartbeats", "refusals");
});
afterEach(() => vi.unstubAllEnvs());

interface Health {
  ok: boolean;
  problem: string | null;
  clockAheadMs: number;
  standing: Record<string, unknown>;
  warnings: { kind: string }[];
  secrets: { name: string; count: number; configured: boolean }[];
  activity: {
    types: { type: string }[];
    hours: { notifications: number; failed: number; settled: number }[];
  };
}

const health = async () => (await (await ask("/api/health")).json()) as Health;
const warned = async () => (await health()).warnings.map(({ kind }) => kind);

describe("in public", () => {
  const publicly = () => ask("/api/health", { token: null });

  it("O5 reports that it is healthy, and nothing else", async () => {
    await arrive(uploadBody(), here.origin);
    const response = await publicly();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ok: true, level: "ok" });
  });

  it("O5 answers 503 without details when the database is unavailable", async () => {
    configured(`postgresql://nobody:nothing@127.0.0.1:${await freePort()}/gone`, {
      OPERATOR_TOKEN: operatorToken,
    });
    const response = await publicly();
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ok: false, level: "down" });
    expect(await health()).toMatchObject({ ok: false, problem: "database-not-reached" });
  });

  it("answers 503 when a delivery is overdue for half an hour, unless its handler is paused", async () => {
    await arrive(uploadBody(), here.origin);
    await database.db.query("update deliveries set due_at = now() - interval '29 minutes'");
    expect((await publicly()).status).toBe(200);
    await database.db.query("update deliveries set due_at = now() - interval '31 minutes'");
    expect((await publicly()).status).toBe(503);
    expect(await health()).toMatchObject({ problem: "queue-stuck" });
    await database.db.query(
      "insert into paused_handlers (handler, paused_by) select distinct handler, 'ada' from deliveries",
    );
    expect((await publicly()).status).toBe(200);
    await database.db.query("truncate paused_handlers");
  });

  it("reports levels by setting: degraded is 200, down is 503", async () => {
    const { dead, held } = settings.health;
    const before = { dead: { ...dead }, held: { ...held } };
    Object.assign(dead, { degraded: 1, down: 3 });
    Object.assign(held, { degraded: 2 });
    try {
      const id = await arrive(uploadBody(), here.origin);
      const add = (state: string, count: number) =>
        database.db.query(
          `insert into deliveries (notification_id, handler, state, settled_at)
           select $1::uuid, 'email', $2, now() from generate_series(1, $3::int)`,
          [id, state, count],
        );
      const answered = async () => {
        const response = await publicly();
        return [response.status, ((await response.json()) as { level: string }).level];
      };
      const levels = async () => (await (await ask("/api/health")).json()) as { levels: object };
      await add("held", 1);
      expect(await answered()).toEqual([200, "ok"]);
      await add("held", 1);
      expect(await answered()).toEqual([200, "degraded"]);
      expect(await levels()).toMatchObject({
        level: "degraded",
        levels: { dead: "ok", held: "degraded", overdue: "ok" },
      });
      await add("dead", 2);
      expect(await levels()).toMatchObject({ levels: { dead: "degraded", held: "degraded" } });
      await add("dead", 1);
      expect(await answered()).toEqual([503, "down"]);
      expect(await levels()).toMatchObject({ ok: false, problem: "too-many-dead", levels: { dead: "down" } });
    } finally {
      Object.assign(dead, before.dead);
      Object.assign(held, before.held);
    }
  });

  it("tells operators when the tables are missing", async () => {
    const url = new URL(database.url);
    url.pathname = "/postgres";
    configured(url.href, { OPERATOR_TOKEN: operatorToken });
    expect(await (await publicly()).json()).toEqual({ ok: false, level: "down" });
    expect(await health()).toMatchObject({ problem: "tables-missing" });
  });
});

describe("O5 for operators", () => {
  it("counts open deliveries and reports the oldest", async () => {
    await arrive(uploadBody(), here.origin);
    await arrive(uploadBody(), here.origin);
    await database.db.query(
      `update deliveries set state = 'dead', settled_at = now() where id = (select id from deliveries where handler = 'pim' limit 1)`,
    );
    const { standing, clockAheadMs } = await health();
    expect(standing).toMatchObject({
      due: 3,
      overdue: 3,
      running: 0,
      held: 0,
      dead: 1,
      oldestDueAt: expect.any(String),
    });
    // Within what a busy machine may take for the answer.
    expect(Math.abs(clockAheadMs)).toBeLessThan(30_000);
  });

  it("lists each type once, with its latest notification", async () => {
    for (const notification_type of ["upload", "upload", "eager", "publish"])
      await arrive({ ...uploadBody(), notification_type, eager: [] }, here.origin);
    const { activity } = await health();
    expect(activity.types.map(({ type }) => type)).toEqual(["publish", "eager", "upload"]);
  });

  it("counts by secret, and marks secrets that are no longer configured", async () => {
    const old = "an-older-secret-of-26-chars";
    configured(database.url, { OPERATOR_TOKEN: operatorToken, CLOUDINARY_WEBHOOK_SECRETS: `old:${old}` });
    await invoke(notification, signedRequest(uploadBody(), { origin: here.origin, secret: old }));
    expect((await health()).secrets).toMatchObject([{ name: "old", count: 1, configured: true }]);
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    const after = await ask("/api/health");
    const text = await after.text();
    expect(text).toContain('"name":"old"');
    expect(text).not.toContain(old);
    expect((JSON.parse(text) as Health).secrets).toMatchObject([
      { name: "CLOUDINARY_URL", configured: true },
      { name: "old", configured: false },
    ]);
  });

  it("reports notifications and attempts of the last 24 hours", async () => {
    const id = await arrive(uploadBody(), here.origin);
    await database.db.query(
      `insert into attempts (delivery_id, number, started_at, ended_at, outcome)
       select d.id, n, received_at, received_at, case n when 1 then 'retry' else 'done' end
       from notifications, deliveries d, generate_series(1, 2) n
       where notification_id = $1 and notifications.id = $1`,
      [id],
    );
    const { hours } = (await health()).activity;
    expect(hours).toHaveLength(24);
    expect(hours.filter(({ notifications }) => notifications > 0)).toMatchObject([
      { notifications: 1, failed: 2, settled: 2 },
    ]);
    // The hour may have ended since it came.
    expect(hours.findIndex(({ notifications }) => notifications > 0)).toBeGreaterThanOrEqual(22);
  });
});

describe("O6 warnings", () => {
  it("a new receiver has none, except about missing configuration", async () => {
    configured(database.url, {
      OPERATOR_TOKEN: operatorToken,
      CLOUDINARY_WEBHOOK_SECRETS: "main:a-Webhook-secret_of-27-char",
    });
    expect(await warned()).toEqual(["no-mail"]);
  });

  it.each([
    ["no other secret is listed", ""],
    ["the API secret is listed itself", `main:${testSecret}`],
  ])("recommend a separate secret while the API secret verifies: %s", async (_case, list) => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    configured(database.url, { OPERATOR_TOKEN: operatorToken, CLOUDINARY_WEBHOOK_SECRETS: list });
    const { warnings } = await health();
    const said =
      /API secret of CLOUDINARY_URL verifies.*api_sign_request\(req\.body\.paramsToSign, secret\).*dedicate.*CLOUDINARY_WEBHOOK_SECRETS/;
    expect(warnings).toContainEqual({ kind: "configuration", problem: expect.stringMatching(said) });
    expect(JSON.stringify(warnings)).not.toContain(testSecret);
    warn.mockRestore();
  });

  it("do not mention it on the local stack, where nobody else has the secret", async () => {
    configured(database.url, { OPERATOR_TOKEN: operatorToken, NETLIFY_DEV: "true", URL: here.origin });
    expect(await warned()).not.toContain("configuration");
  });

  it("report a day without an upload", async () => {
    await arrive(uploadBody(), here.origin);
    await database.db.query("update notifications set received_at = now() - interval '23 hours'");
    expect(await warned()).not.toContain("no-upload");
    await database.db.query("update notifications set received_at = now() - interval '25 hours'");
    expect((await health()).warnings).toContainEqual({ kind: "no-upload", hours: 25 });
  });

  it("report uploads that only reconcile found", async () => {
    await arrive(uploadBody(), here.origin);
    expect(await warned()).not.toContain("only-reconciled");
    await database.db.query("update notifications set source = 'reconcile'");
    expect((await health()).warnings).toContainEqual({ kind: "only-reconciled", count: 1 });
  });

  it("report a late sweep", async () => {
    await database.db.query(
      "insert into heartbeats (name, at) values ('sweep', now() - interval '10 minutes')",
    );
    expect(await warned()).not.toContain("sweep-late");
    await database.db.query("update heartbeats set at = now() - interval '20 minutes'");
    expect(await warned()).toContain("sweep-late");
  });

  it("report a secret that expires soon", async () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const withEnd = (day: string) =>
      configured(database.url, {
        OPERATOR_TOKEN: operatorToken,
        CLOUDINARY_WEBHOOK_SECRETS: `old:an-older-secret-of-26-chars@${day}`,
      });
    withEnd(inDays(30));
    expect(await warned()).not.toContain("secret-ends");
    withEnd(inDays(3));
    expect(await warned()).toContain("secret-ends");
  });

  it("report failing attempts, once there are enough attempts", async () => {
    await arrive(uploadBody(), here.origin);
    const attempts = (from: number, to: number, outcome: string) =>
      database.db.query(
        `insert into attempts (delivery_id, number, started_at, ended_at, outcome)
         select (select id from deliveries limit 1), n, now(), now(), $3 from generate_series($1::int, $2::int) n`,
        [from, to, outcome],
      );
    await attempts(1, 5, "retry");
    expect(await warned()).not.toContain("errors");
    await attempts(6, 10, "done");
    expect((await health()).warnings).toContainEqual({ kind: "errors", percent: 50 });
  });
});

it("rejected requests are counted by reason, with samples and without signatures", async () => {
  const forged = () =>
    signedRequest(uploadBody(), {
      origin: here.origin,
      headers: { "x-cld-signature": "0".repeat(40), "user-agent": "Mallory/1.0" },
    });
  await invoke(notification, forged());
  const response = await ask("/api/refusals");
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    refusals: [
      {
        reason: "signature-mismatch",
        count: 1,
        samples: [{ path: "/webhooks", userAgent: "Mallory/1.0", signatureLength: 40 }],
      },
    ],
  });
  expect(text).not.toContain("0000000000");
});
