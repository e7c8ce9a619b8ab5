import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { app } from "../../../src/console/server/app.ts";
import { readOperators } from "../../../src/lib/shared/operators.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { fc } from "../../support/fast-check.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { ask, origin } from "../operator.ts";
import { adaToken, bobToken, operatorToken, vicToken } from "../tokens.ts";

let database: TestDatabase;
let recordedId: string;
const body = '{"notification_type":"all","request_id":"r-roles"}';

beforeAll(async () => {
  database = await realDatabase();
  setUp();
  recordedId = ((await (await invoke(notification, signedRequest(body))).json()) as { id: string }).id;
});
afterAll(() => database.drop());
beforeEach(setUp);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

function setUp() {
  configured(database.url, { OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}` });
}

/** Everything the API answers, as it is registered: what is added later is asked for too. */
const routes = app.routes
  .filter(({ method, path }) => method !== "ALL" && !path.endsWith("*") && path !== "/api/health")
  .map(({ method, path }) => ({ method, path }));
const acts = routes.filter(({ method, path }) => method !== "GET" && path !== "/api/sign-out");

const filled = (path: string) =>
  path.replace(":id", recordedId).replace(":name", "email").replace(/:\w+/g, "something");

describe("a viewer", () => {
  it("is named as a viewer in the session", async () => {
    expect(await (await ask("/api/session", { token: vicToken })).json()).toMatchObject({
      operator: "vic",
      role: "viewer",
    });
    expect(await (await ask("/api/session", { token: bobToken })).json()).toMatchObject({ role: "operator" });
  });

  it("the API has actions to test", () => {
    expect(acts.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "/api/notifications/:id/replay",
        "/api/deliveries/:id/discard",
        "/api/stuck/discard",
        "/api/handlers/:name/pause",
        "/api/moderation/decide",
      ]),
    );
  });

  it.each(acts)("cannot $method $path, by token or by session", async ({ method, path }) => {
    const before = await everything();
    const json = {
      reason: "because",
      forget: false,
      assetId: "a",
      version: 1,
      status: "rejected",
      state: "held",
    };
    for (const how of [{ token: vicToken }, { token: null, headers: await session() }]) {
      const response = await ask(filled(path), { method, body: json, ...how });
      expect([response.status, await response.json()]).toMatchObject([
        403,
        { error: { reason: "viewers-only-read" } },
      ]);
    }
    expect(await everything()).toEqual(before);
  });

  it("reads what operators read, except exact bytes and the Upload Widget", async () => {
    const reads = routes.filter(({ method }) => method === "GET").map(({ path }) => path);
    const refused: string[] = [];
    for (const path of new Set(reads))
      if ((await ask(`${filled(path)}?show=held&state=held&sku=a`, { token: vicToken })).status === 403)
        refused.push(path);
    expect(refused.sort()).toEqual([
      "/api/moderation/picture",
      "/api/notifications/:id/body/recorded",
      "/api/upload-widget",
      "/api/upload-widget/frame",
    ]);
    expect((await ask(`/api/notifications/${recordedId}/body/recorded`)).status).toBe(200);
  });

  it("gets the record without its body, and the body masked", async () => {
    const record = await (await ask(`/api/notifications/${recordedId}`, { token: vicToken })).json();
    expect(record).toMatchObject({ id: recordedId, body: null });
    expect(JSON.stringify(record)).not.toContain("notification_type");
    const masked = await ask(`/api/notifications/${recordedId}/body`, { token: vicToken });
    expect(await masked.json()).toMatchObject({ shown: body });
  });

  it("can sign out", async () => {
    expect(
      (await ask("/api/sign-out", { method: "POST", token: null, headers: await session() })).status,
    ).toBe(200);
  });

  it("loses operator rights at once when the role changes during a session", async () => {
    const headers = await session(bobToken);
    configured(database.url, { OPERATOR_TOKEN: `bob:viewer:${bobToken}` });
    const response = await ask("/api/handlers/email/pause", {
      body: { reason: "because" },
      token: null,
      headers,
    });
    expect(response.status).toBe(403);
  });
});

async function session(token = vicToken): Promise<Record<string, string>> {
  const signedIn = await ask("/api/sign-in", { body: { token }, token: null });
  expect(signedIn.status).toBe(200);
  const cookie = signedIn.headers.get("set-cookie")?.split(";")[0] ?? "";
  return { cookie, origin, "sec-fetch-site": "same-origin" };
}

async function everything() {
  const { rows } = await database.db.query(
    `select (select jsonb_agg(d) from deliveries d) as deliveries, (select jsonb_agg(a) from operator_acts a) as acts,
            (select jsonb_agg(p) from paused_handlers p) as paused, (select jsonb_agg(n) from notifications n) as notifications`,
  );
  return rows;
}

describe("OPERATOR_TOKEN", () => {
  const random = "3f1e9d7c4b5a60828796a5b4c3d2e1f0";

  it.each([
    [random, { name: "operator", role: "operator" }],
    [`ada:${random}`, { name: "ada", role: "operator" }],
    [`ada:operator:${random}`, { name: "ada", role: "operator" }],
    [`ada:viewer:${random}`, { name: "ada", role: "viewer" }],
    [`viewer:${random}`, { name: "viewer", role: "operator" }],
  ])("%s", (list, expected) => {
    expect(readOperators(list)).toEqual({ operators: [{ ...expected, token: random }], problems: [] });
  });

  it.each([
    ["one letter", "a".repeat(40), "easy to guess"],
    ["two letters", "ab".repeat(20), "easy to guess"],
    ["digits in order", "1234567890".repeat(4), "easy to guess"],
    ["something long, twice", "0123456789abcdef".repeat(2), "easy to guess"],
    ["the alphabet", "abcdefghijklmnopqrstuvwxyz0123456789", "easy to guess"],
    ["a placeholder with a number", "changeme-changeme-changeme-changeme-1", "easy to guess"],
    ["a word, twice, with a year", "passwordpassword2024passwordpassword2024", "easy to guess"],
    ["a sample with zeros", "your-token-here-0000000000000000", "easy to guess"],
    ["words in capitals", "MySecretOperatorTokenForProduction2026", "easy to guess"],
    ["a repetition behind a name", `ada-${"0123456789abcdef".repeat(2)}`, "easy to guess"],
    ["a repetition with a tail", `${"x7Kq".repeat(9)}-z`, "easy to guess"],
    ["31 characters", random.slice(1), "fewer than 32 characters"],
    ["no token", "ada:", "fewer than 32 characters"],
    ["a role that is none", `ada:veiwer:${random}`, "role"],
    ["a colon too many", `ada:viewer:a:${random}`, "not of the form"],
    ["no name", `:viewer:${random}`, "not of the form"],
  ])(
    "an entry of %s opens nothing, the others do, and the console says which and why",
    async (_name, entry, why) => {
      configured(database.url, { OPERATOR_TOKEN: `ada:${adaToken} ${entry}` });
      const { warnings } = (await (await ask("/api/health")).json()) as { warnings: { kind: string }[] };
      const warning = JSON.stringify(warnings.filter(({ kind }) => kind === "operator-token"));
      expect(warning).toContain("OPERATOR_TOKEN: entry 2");
      expect(warning).toContain(why);
      expect(warning).not.toContain(random.slice(1));
      // Each from an address of its own, because wrong tokens are limited.
      const from = { ip: `10.1.${why.length}.${entry.length}` };
      expect((await ask("/api/session", { token: entry.split(":").at(-1) || "x" }, from)).status).toBe(401);

      configured(database.url, { OPERATOR_TOKEN: entry });
      for (const path of ["/api/session", "/api/sign-in"]) {
        const closed = await ask(path, path === "/api/sign-in" ? { body: { token: "x" }, token: null } : {});
        expect(closed.status).toBe(503);
        const text = await closed.text();
        expect(text).toContain("OPERATOR_TOKEN: entry 1");
        expect(text).toContain(why);
      }
    },
  );

  it("a token that two entries share works for the first only", () => {
    const { operators, problems } = readOperators(`ada:${random} vic:viewer:${random}`);
    expect(operators.map(({ name }) => name)).toEqual(["ada"]);
    expect(problems).toEqual(["OPERATOR_TOKEN: entry 2 repeats the token of an entry before it"]);
  });

  it.each(["hex", "base64url"] as const)("random tokens in %s are accepted", (encoding) => {
    const lengths = encoding === "hex" ? { minLength: 16, maxLength: 64 } : { minLength: 24, maxLength: 64 };
    fc.assert(
      fc.property(fc.integer({ min: lengths.minLength, max: lengths.maxLength }), (bytes) => {
        expect(readOperators(randomBytes(bytes).toString(encoding)).problems).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe("invalid bearer tokens", () => {
  const session = (token: string, ip: string) => ask("/api/session", { token }, { ip });
  const wrong = "9f1e9d7c4b5a60828796a5b4c3d2e1f0";

  it.each([
    ["IPv4", "192.0.2.7", "192.0.2.7", "192.0.2.8"],
    ["IPv6 by its /64", "2001:db8::1", "2001:db8:0:0:9::77", "2001:db8:0:1::1"],
  ])("ten a minute from one address, %s", async (_name, ip, same, other) => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-05T08:00:00Z") });
    for (let n = 0; n < 10; n += 1) expect((await session(wrong, ip)).status).toBe(401);
    const limited = await session(adaToken, same);
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await limited.json()).toMatchObject({ error: { reason: "too-many-wrong-tokens" } });
    // Health answers everybody; a token makes no difference to who tried too many.
    expect(await (await ask("/api/health", { token: adaToken }, { ip: same })).json()).toEqual({
      ok: true,
      level: "ok",
    });
    expect((await session(adaToken, other)).status).toBe(200);
    vi.setSystemTime(Date.parse("2026-01-05T08:01:01Z"));
    expect((await session(adaToken, same)).status).toBe(200);
  });

  it("health does not bypass the limit", async () => {
    for (let n = 0; n < 10; n += 1) await ask("/api/health", { token: wrong }, { ip: "192.0.2.9" });
    expect((await session(adaToken, "192.0.2.9")).status).toBe(429);
  });

  it("sessions still work, and valid tokens are not counted", async () => {
    for (let n = 0; n < 30; n += 1) expect((await session(adaToken, "192.0.2.10")).status).toBe(200);
  });
});
