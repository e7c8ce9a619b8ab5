import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { attemptsOf } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { apiKey, type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

describe("the connection to SendGrid", () => {
  it("uses a new connection for each mail, because a closed kept-alive connection would look like a lost mail", async () => {
    await office.arrive(eagerBody());
    await office.work();
    expect(office.requests.map(({ connection }) => connection)).toEqual(["close"]);
  });

  afterEach(() => vi.unstubAllEnvs());

  /** A proxy that lets nothing through and keeps what it was asked for. */
  async function closedProxy() {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(502).end();
    }).on("connect", (request, socket) => {
      asked.push(`CONNECT ${request.url}`);
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the listening socket has no port");
    const url = `http://127.0.0.1:${address.port}`;
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"]) vi.stubEnv(name, url);
    for (const name of ["NO_PROXY", "no_proxy"]) vi.stubEnv(name, "");
    return { asked, close: () => server.close() };
  }

  it.each([
    ["global", "api.sendgrid.com:443"],
    ["eu", "api.eu.sendgrid.com:443"],
  ] as const)("for the region %s is %s", async (region, host) => {
    const proxy = await closedProxy();
    const id = await office.arrive(eagerBody());
    await office.work({ email: { region }, account: { baseUrl: null } });
    proxy.close();
    expect(proxy.asked).toEqual([`CONNECT ${host}`]);
    expect(await office.delivery(id)).toMatchObject({ state: "due" });
  });

  it("bypasses the proxy when SendGrid is on loopback", async () => {
    const proxy = await closedProxy();
    await office.arrive(eagerBody());
    await office.work();
    proxy.close();
    expect(proxy.asked).toEqual([]);
    expect(office.mails()).toHaveLength(2);
  });
});

/** From now, on a full second. */
const inSeconds = (seconds: number) => new Date((Math.floor(Date.now() / 1_000) + seconds) * 1_000);
const epoch = (at: Date) => String(at.getTime() / 1_000);

describe("E3 the response of SendGrid decides the outcome", () => {
  // Headers with a time are made when SendGrid answers.
  it.each<[number, string, number | null, (() => Record<string, string>)?]>([
    [429, "due", 300_000, () => ({ "X-RateLimit-Reset": epoch(inSeconds(300)) })],
    [429, "due", 40_000, () => ({ "X-RateLimit-Reset": "", "Retry-After": "40" })],
    [
      429,
      "due",
      50_000,
      () => {
        const itsClock = inSeconds(3_600);
        const reset = new Date(itsClock.getTime() + 50_000);
        return { Date: itsClock.toUTCString(), "X-RateLimit-Reset": epoch(reset) };
      },
    ],
    [503, "due", 300_000, () => ({ "Retry-After": inSeconds(300).toUTCString() })],
    [408, "due", 30_000],
    [500, "due", 30_000],
    [502, "due", 30_000],
    [503, "due", 300_000, () => ({ "Retry-After": "300" })],
    [400, "dead", null],
    [401, "dead", null],
    [403, "dead", null],
    [404, "dead", null],
    [413, "dead", null],
  ])("%i leaves the delivery %s, for %s ms (%#)", async (status, state, waitMs, headers = () => ({})) => {
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "status", status, headers: headers() });
    await office.work();
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state,
      last_error: expect.stringContaining(`SendGrid returned ${status}`),
    });
    expect(office.mails()).toEqual([]);
    if (waitMs === null) return;
    expect(delivery.sending_at).toBeNull();
    expect(delivery.dueInMs).toBeGreaterThan(waitMs * 0.9 - 1_500);
    expect(delivery.dueInMs).toBeLessThan(waitMs * 1.2 + 1_500);
  });

  it("sends one mail after a 429 when the wait is over", async () => {
    office.faults.add({ kind: "status", status: 429 });
    const id = await office.arrive(eagerBody());
    await office.work();
    await office.db.query("update deliveries set due_at = now() where state = 'due'");
    await office.work();
    expect(office.mails()).toHaveLength(2);
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({ state: "done", last_error: null });
    expect(await attemptsOf(office.db, delivery.id)).toMatchObject([
      { outcome: "retry" },
      { outcome: "done" },
    ]);
  });

  it("does not follow redirects, so the key goes to no other host", async () => {
    office.faults.add({ kind: "status", status: 302, headers: { Location: "https://elsewhere.example/" } });
    const id = await office.arrive(eagerBody());
    await office.work();
    expect(await office.delivery(id)).toMatchObject({ state: "dead" });
    expect(office.requests).toHaveLength(1);
  });
});

it("O3 the key and recipients never appear in a log line or record, whatever fails", async () => {
  const lines: string[] = [];
  for (const level of ["log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.map(String).join(" ")));
  try {
    for (const fault of [
      { kind: "status", status: 400, body: "ada@example.com is not allowed" },
      { kind: "status", status: 500 },
      { kind: "reset", when: "after-body" },
      { kind: "hang", when: "after-body" },
    ] as const) {
      office.faults.add(fault);
      await office.arrive(eagerBody());
      await office.work({ email: { timeoutMs: 300 } });
    }
    await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: "http://127.0.0.1:1" } });
    await office.arrive(eagerBody());
    await office.work();
  } finally {
    vi.restoreAllMocks();
  }
  const { rows } = await office.db.query<{ all: string }>(
    "select (select jsonb_agg(d) from deliveries d)::text || (select jsonb_agg(a) from attempts a)::text as all",
  );
  const kept = `${rows[0]?.all} ${lines.join(" ")}`;
  expect(kept).toContain("outcome-unknown"); // The faults did happen, and were recorded.
  expect(kept).toContain("a…@example.com");
  for (const secret of [apiKey, "ada@", "grace@"]) expect(kept).not.toContain(secret);
});
