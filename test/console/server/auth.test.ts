import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import signIn from "../../../netlify/functions/sign-in.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { ask, origin } from "../operator.ts";
import { adaToken, bobToken, operatorToken } from "../tokens.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());
beforeEach(() => configured(database.url, { OPERATOR_TOKEN: operatorToken }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** Signs in as the page does, and returns what the browser sends back from then on. */
async function signedInCookie(token = adaToken): Promise<string> {
  const response = await ask("/api/sign-in", {
    body: { token },
    token: null,
    headers: { origin, "sec-fetch-site": "same-origin" },
  });
  expect(response.status).toBe(200);
  return response.headers.get("set-cookie")?.split(";")[0] ?? "";
}

const routes = [
  ["GET", "/api/notifications"],
  ["GET", "/api/notifications/export"],
  ["GET", "/api/notifications/00000000-0000-4000-8000-000000000000"],
  ["GET", "/api/notifications/00000000-0000-4000-8000-000000000000/body"],
  ["GET", "/api/stuck?state=dead"],
  ["GET", "/api/refusals"],
  ["GET", "/api/handlers"],
  ["GET", "/api/acts"],
  ["GET", "/api/session"],
  ["POST", "/api/notifications/00000000-0000-4000-8000-000000000000/replay"],
  ["POST", "/api/stuck/replay"],
  ["POST", "/api/stuck/discard"],
  ["POST", "/api/handlers/email/pause"],
  ["POST", "/api/sign-out"],
  ["GET", "/api/no-such-thing"],
] as const;

let visitors = 0;
/** Nobody's address twice: wrong tokens are counted by it. */
function aVisitor(): string {
  visitors += 1;
  return `198.51.100.${visitors}`;
}

describe.each(routes)("%s %s", (method, path) => {
  const body = method === "POST" ? { body: { reason: "because" } } : {};

  it("O1 rejects requests without a token, and is not cached", async () => {
    const response = await ask(path, { method, ...body, token: null });
    expect(response.status).toBe(401);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toMatchObject({ error: { reason: "signed-out" } });
  });

  it("O1 rejects an invalid token", async () => {
    const response = await ask(path, { method, ...body, token: `${adaToken}0` }, { ip: aVisitor() });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { reason: "token-wrong" } });
  });

  it("O1 rejects a token in the URL", async () => {
    const sign = path.includes("?") ? "&" : "?";
    const response = await ask(`${path}${sign}token=${adaToken}`, { method, ...body, token: null });
    expect(response.status).toBe(400);
  });

  it("rejects every request when no token is configured, and says what to set", async () => {
    configured(database.url);
    const response = await ask(path, { method, ...body });
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("OPERATOR_TOKEN");
  });
});

describe("a session", () => {
  it("O1 is a cookie that scripts cannot read and other sites do not send", async () => {
    const response = await ask("/api/sign-in", { body: { token: bobToken }, token: null });
    const cookie = response.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/^__Host-session=/);
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Strict");
    expect(cookie).toContain("Secure");
    expect(cookie).toContain("Max-Age=43200");
    expect(cookie).not.toContain(bobToken);
    expect(await response.json()).toEqual({ operator: "bob", role: "operator" });
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  it("opens the console under the name of the operator", async () => {
    const cookie = await signedInCookie(bobToken);
    const response = await ask("/api/session", { token: null, headers: { cookie } });
    expect(await response.json()).toMatchObject({ operator: "bob" });
  });

  it("expires after twelve hours", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-05T08:00:00Z") });
    const cookie = await signedInCookie();
    vi.setSystemTime(Date.parse("2026-01-05T19:59:59Z"));
    expect((await ask("/api/session", { token: null, headers: { cookie } })).status).toBe(200);
    vi.setSystemTime(Date.parse("2026-01-05T20:00:00Z"));
    expect((await ask("/api/session", { token: null, headers: { cookie } })).status).toBe(401);
  });

  it("ends when its operator's token is changed, and only then", async () => {
    const cookie = await signedInCookie(adaToken);
    configured(database.url, { OPERATOR_TOKEN: `ada:${adaToken} bob:new-${bobToken}` });
    expect((await ask("/api/session", { token: null, headers: { cookie } })).status).toBe(200);
    configured(database.url, { OPERATOR_TOKEN: `ada:new-${adaToken} bob:${bobToken}` });
    expect((await ask("/api/session", { token: null, headers: { cookie } })).status).toBe(401);
  });

  it("is rejected if its name or expiry was changed", async () => {
    const cookie = await signedInCookie(adaToken);
    const [name = "", value = ""] = cookie.split(/=(.*)/s);
    const [claim = "", signature = ""] = value.split(".");
    const forged = (text: string) => `${name}=${Buffer.from(text).toString("base64url")}.${signature}`;
    const genuine = Buffer.from(claim, "base64url").toString();
    expect((await ask("/api/session", { token: null, headers: { cookie: forged(genuine) } })).status).toBe(
      200,
    );
    for (const changed of [
      genuine.replace("ada", "bob"),
      genuine.replace(/\d+$/, (end) => `${Number(end) + 1}`),
    ])
      expect((await ask("/api/session", { token: null, headers: { cookie: forged(changed) } })).status).toBe(
        401,
      );
  });

  it("is removed by signing out", async () => {
    const cookie = await signedInCookie();
    const response = await ask("/api/sign-out", {
      method: "POST",
      token: null,
      headers: { cookie, "sec-fetch-site": "same-origin" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("set-cookie")?.split("; ").toSorted()).toEqual([
      "HttpOnly",
      "Max-Age=0",
      "Path=/",
      "SameSite=Strict",
      "Secure",
      "__Host-session=",
    ]);
  });

  it("is not created for an invalid token", async () => {
    const response = await ask("/api/sign-in", { body: { token: "x".repeat(36) }, token: null });
    expect(response.status).toBe(401);
    expect(response.headers.get("set-cookie")).toBeNull();
  });

  it.each([
    ["no JSON", "token"],
    ["another shape", { secret: adaToken }],
  ])("is not given for %s", async (_name, body) => {
    expect((await ask("/api/sign-in", { body, token: null })).status).toBe(400);
  });
});

describe("O1 a cross-site POST", () => {
  const elsewhere = [
    ["that names itself", { origin: "https://evil.example" }],
    ["that the browser calls cross-site", { "sec-fetch-site": "cross-site" }],
    ["of a sibling domain", { "sec-fetch-site": "same-site", origin: "https://blog.example.com" }],
    ["from a sandbox", { origin: "null" }],
  ] as const;

  it.each(elsewhere)("%s is rejected despite the cookie", async (_name, headers) => {
    const cookie = await signedInCookie();
    const pause = (more: Record<string, string>) =>
      ask("/api/handlers/email/pause", {
        body: { reason: "maintenance" },
        token: null,
        headers: { cookie, ...more },
      });
    expect((await pause({ "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect((await pause(headers)).status).toBe(403);
    expect((await pause({})).status).toBe(403);
  });

  it.each(elsewhere)("%s does not sign in", async (_name, headers) => {
    const response = await ask("/api/sign-in", { body: { token: adaToken }, token: null, headers });
    expect(response.status).toBe(403);
    expect(response.headers.get("set-cookie")).toBeNull();
  });
});

it("does not serve a deploy preview without its own database", async () => {
  for (const path of ["/api/notifications", "/api/sign-in"])
    expect((await ask(path, {}, { deployContext: "deploy-preview" })).status).toBe(503);
});

it("sign-in accepts only POST", async () => {
  const response = await ask("/api/sign-in", { token: null });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST");
});

describe("a sign-in whose body", () => {
  const send = (body: string | ReadableStream) =>
    invoke(signIn, new Request(`${origin}/api/sign-in`, { method: "POST", body, duplex: "half" }));

  it("is large is answered with 413", async () => {
    const response = await send(JSON.stringify({ token: "x".repeat(1_000_000) }));
    expect([response.status, await response.json()]).toEqual([413, { error: { reason: "body-too-large" } }]);
  });

  it("never ends is answered with 408", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const answer = send(new ReadableStream({ pull: () => new Promise(() => {}) }));
    await vi.advanceTimersByTimeAsync(settings.receive.bodyTimeoutMs);
    const response = await answer;
    expect([response.status, await response.json()]).toEqual([408, { error: { reason: "body-timeout" } }]);
  });
});
