import { afterAll, beforeAll, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { readConfig } from "../../../src/config.ts";
import { receive } from "../../../src/lib/receive/receive.ts";
import { settings } from "../../../src/settings.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { freePort } from "../../support/free-port.ts";
import { invoke } from "../../support/invoke.ts";
import { loopbackReceiver } from "../../support/loopback-receiver.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { fixtureJson } from "../notifications/fixtures.ts";

let database: TestDatabase;
let receiver: Awaited<ReturnType<typeof loopbackReceiver>>;
const lines: Record<string, unknown>[] = [];

beforeAll(async () => {
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line: string) => lines.push(JSON.parse(line)));
  database = await realDatabase();
  configured(database.url, {
    SENDGRID_API_KEY: "SG.aRealLookingKey.0123456789",
    SENDGRID_BASE_URL: `http://127.0.0.1:${await freePort()}`,
    FROM_VERIFIED_SENDER: "receiver@example.com",
    TO_RECIPIENTS: "ada@example.com",
  });
  receiver = await loopbackReceiver();
});
afterAll(async () => {
  await receiver.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await database.drop();
});

it("a notification can be followed from hook to settle by its id; a retry is a warning with its reason", async () => {
  const body = { ...fixtureJson("eager"), public_id: "people/ada@example.com" };
  const request = signedRequest(body, { origin: receiver.url, headers: { "x-nf-request-id": "01REQUEST" } });
  const { id } = (await (await fetch(request)).json()) as { id: string };
  const settled = () => lines.filter(({ message }) => message === "delivery settled");
  await vi.waitFor(() => expect(settled()).toHaveLength(2), { timeout: 30_000 });
  const followed = lines.filter((line) => JSON.stringify(line).includes(id));
  expect(followed).toContainEqual(
    expect.objectContaining({ message: "recorded", level: "info", requestId: "01REQUEST", type: "eager" }),
  );
  expect(followed).toContainEqual(
    expect.objectContaining({
      message: "delivery settled",
      level: "warn",
      handler: "email",
      kind: "retry",
      type: "eager",
      reason: expect.stringContaining("ECONNREFUSED"),
    }),
  );
  expect(followed).toContainEqual(expect.objectContaining({ handler: "pim", level: "info" }));
  for (const line of followed) expect(line).toHaveProperty("publicId", "people/a…@example.com");
  expect(JSON.stringify(lines)).not.toContain("ada@example.com");
});

it("a rejected request has an id in its line and in its sample", async () => {
  await fetch(signedRequest(uploadBody(), { origin: receiver.url, secret: "some-Other-secret_27-charac" }));
  await vi.waitFor(async () => {
    const { rows } = await database.db.query<{ id: string }>(
      "select samples -> 0 ->> 'id' as id from refusals",
    );
    const refused = lines.find(({ message }) => message === "refused");
    expect(refused).toMatchObject({
      reason: "signature-mismatch",
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(rows).toEqual([{ id: refused?.id }]);
  }, 30_000);
});

it("an error of the receiver itself is not blamed on the database", async () => {
  // Stands for a method that a Node lacks: only what the receiver calls it for fails, not Node's own code.
  const { toWellFormed } = String.prototype;
  const patched = vi.spyOn(String.prototype, "toWellFormed").mockImplementation(function (this: string) {
    if (String(this) === "broken") throw new TypeError("text.toWellFormed is not a function");
    return toWellFormed.call(this);
  });
  const headers = { "x-nf-request-id": "R".repeat(100) };
  const answer = await invoke(
    notification,
    signedRequest({ ...uploadBody(), public_id: "broken" }, { headers }),
  );
  patched.mockRestore();
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ error: { reason: "internal" } });
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: "error",
      path: "/webhooks",
      requestId: "R".repeat(60),
      reason: "internal",
      error: expect.stringContaining("toWellFormed"),
    }),
  );
});

it("a database that does not answer is named, with the time that it had", async () => {
  const reading = readConfig(settings);
  if (!reading.ok) throw new Error(reading.problems.join());
  const silent = { ...database.db, query: () => new Promise<never>(() => {}) };
  await receive(signedRequest(uploadBody()), {
    config: reading.config,
    settings: { ...settings, receive: { ...settings.receive, recordTimeoutMs: 50 } },
    db: silent,
    expects: [],
    source: "webhook",
  });
  expect(lines).toContainEqual(
    expect.objectContaining({
      level: "error",
      message: "notification not recorded; answering 503, and the sender retries",
      reason: "database",
      error: expect.stringContaining("no response from the database within 50 ms"),
    }),
  );
});
