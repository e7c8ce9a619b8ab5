import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import sendgrid from "../../../netlify/functions/sendgrid.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import { ask } from "../../console/operator.ts";
import { operatorToken } from "../../console/tokens.ts";
import { configured } from "../../support/environment.ts";
import { eagerBody } from "./bodies.ts";
import { apiKey, type PostOffice, postOffice } from "./post-office.ts";

const made = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const verificationKey = made.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const privateKey = made.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");

let office: PostOffice;
let receiver: Awaited<ReturnType<typeof serve>>;

beforeAll(async () => {
  receiver = await serve({
    port: 0,
    fetch: (request) => sendgrid(request, { deploy: { context: "production" } }),
  });
  office = await postOffice(undefined, { url: `${receiver.url}/webhooks/sendgrid`, privateKey });
});
afterAll(async () => {
  await office.close();
  await receiver.close();
});
beforeEach(async () => {
  await office.clear();
  await office.db.query("truncate mail_events, refused_recipients");
  setUp();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

const people = ["ada@example.com", "bounce.me@example.com", "dropped@example.com", "spam.trap@example.com"];

function setUp(more: Record<string, string> = {}) {
  configured(office.databaseUrl, {
    OPERATOR_TOKEN: operatorToken,
    SENDGRID_WEBHOOK_KEY: verificationKey,
    SENDGRID_API_KEY: apiKey,
    FROM_VERIFIED_SENDER: "sender@shop.example",
    TO_RECIPIENTS: people.join(" "),
    ...more,
  });
}

interface Signing {
  key?: typeof made.privateKey;
  timestamp?: number;
  headers?: Record<string, string>;
}

const now = () => Math.floor(Date.now() / 1_000);

/** Events as SendGrid posts them, apart from the code under test. */
function events(
  list: unknown,
  { key = made.privateKey, timestamp = now(), headers = {} }: Signing = {},
): Request {
  const body = typeof list === "string" ? list : JSON.stringify(list);
  return new Request("https://hooks.example.com/webhooks/sendgrid", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-twilio-email-event-webhook-signature": sign(
        "sha256",
        Buffer.from(`${timestamp}${body}`),
        key,
      ).toString("base64"),
      "x-twilio-email-event-webhook-timestamp": String(timestamp),
      ...headers,
    },
    body,
  });
}

const posted = async (request: Request) => {
  const response = await sendgrid(request, { deploy: { context: "production" } });
  return { status: response.status, body: (await response.json()) as unknown };
};
const processed = (deliveryId: string, changed: object = {}) => ({
  email: "ada@example.com",
  timestamp: now(),
  event: "processed",
  sg_event_id: crypto.randomUUID(),
  sg_message_id: "m.recvd",
  delivery_id: deliveryId,
  ...changed,
});
const stored = async () =>
  (
    await office.db.query<{ event: string; recipient: string }>(
      "select event, recipient from mail_events order by event, recipient",
    )
  ).rows;

it("what became of a mail is on its record, with the recipients masked", async () => {
  const id = await office.arrive(eagerBody());
  await office.work({ account: { to: people } });
  await office.eventsPosted();
  const delivery = await office.delivery(id);
  const response = await ask(`/api/mails/${delivery.id}`);
  const text = await response.text();
  const mail = JSON.parse(text) as { events: { recipient: string; event: string; reason: string | null }[] };
  expect(mail.events.map(({ recipient, event }) => `${recipient} ${event}`).sort()).toEqual([
    "a…@example.com delivered",
    "a…@example.com processed",
    "b…@example.com bounced",
    "b…@example.com processed",
    "d…@example.com dropped",
    "s…@example.com delivered",
    "s…@example.com processed",
    "s…@example.com spam",
  ]);
  expect(mail.events.find(({ event }) => event === "bounced")?.reason).toContain("does not exist");
  for (const address of people) expect(text).not.toContain(address);

  // Health names the addresses that no mail reaches.
  const health = (await (await ask("/api/health")).json()) as { findings: { id: string; what: string }[] };
  const lines = health.findings.filter(({ id }) => id.startsWith("email.recipient-")).map(({ what }) => what);
  expect(lines.sort()).toEqual([
    expect.stringMatching(/^E-mails to b…@example\.com bounce: 550/),
    expect.stringMatching(/^E-mails to d…@example\.com are dropped by SendGrid.*Bounced Address/),
    expect.stringMatching(/^E-mails to s…@example\.com were reported as spam/),
  ]);
});

describe("the signature", () => {
  const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
  const one = [processed(crypto.randomUUID())];

  it.each<[string, () => Request, number, string]>([
    ["of another key", () => events(one, { key: other }), 401, "signature-mismatch"],
    ["of a later change", () => new Request(events(one), { body: "[]" }), 401, "signature-mismatch"],
    [
      "is missing",
      () => events(one, { headers: { "x-twilio-email-event-webhook-signature": "" } }),
      401,
      "signature-missing",
    ],
    [
      "is no base64",
      () => events(one, { headers: { "x-twilio-email-event-webhook-signature": "%%%" } }),
      401,
      "signature-mismatch",
    ],
    ["is two days old", () => events(one, { timestamp: now() - 2 * 86_400 }), 401, "timestamp-off"],
    ["is from the future", () => events(one, { timestamp: now() + 3_600 }), 401, "timestamp-off"],
  ])("%s: rejected, and nothing is stored", async (_name, request, status, reason) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    expect(await posted(request())).toEqual({ status, body: { error: { reason } } });
    expect(await stored()).toEqual([]);
  });

  it("other methods are answered with 405, a body that is no list with 400", async () => {
    const get = new Request("https://hooks.example.com/webhooks/sendgrid");
    expect((await sendgrid(get, { deploy: { context: "" } })).status).toBe(405);
    expect((await posted(events('{"event":"processed"}'))).status).toBe(400);
  });

  it("without a key, the function is disabled", async () => {
    setUp({ SENDGRID_WEBHOOK_KEY: "" });
    expect((await posted(events(one))).status).toBe(404);
  });
});

it("repeated events, events of other mails and events that say nothing are stored once or not at all", async () => {
  const mine = processed(crypto.randomUUID());
  const { delivery_id: _, ...foreign } = processed("x");
  const list = [
    mine,
    mine,
    foreign,
    processed("x", { event: "open", delivery_id: mine.delivery_id }),
    7,
    null,
  ];
  expect(await posted(events(list))).toEqual({ status: 200, body: { recorded: 1 } });
  expect(await posted(events(list))).toEqual({ status: 200, body: { recorded: 0 } });
  expect(await stored()).toEqual([{ event: "processed", recipient: "a…@example.com" }]);
});

describe("a mail with an unknown outcome", () => {
  /** SendGrid takes the mail, and the answer is lost. */
  async function lostAnswer(fault: "after-work" | "after-body" = "after-work") {
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "reset", when: fault });
    await office.work({ account: { to: ["ada@example.com"] } });
    return id;
  }
  const swept = () =>
    sweep(new Request("https://hooks.example.com/.netlify/functions/sweep", { method: "POST", body: "{}" }), {
      deploy: { context: "production" },
      waitUntil: () => {},
    });

  it("is settled by SendGrid's event, which may come before the answer is lost", async () => {
    const id = await lostAnswer();
    await office.eventsPosted();
    await swept();
    expect(await office.delivery(id)).toMatchObject({
      state: "done",
      last_error: null,
      result: { confirmedBy: "sendgrid-events" },
    });
    expect(office.mails()).toHaveLength(1);
  });

  it("is settled at once by an event that comes later", async () => {
    const id = await lostAnswer("after-body"); // Not taken, so the emulator sends no event.
    const { id: deliveryId } = await office.delivery(id);
    expect(await office.delivery(id)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    await posted(events([processed(deliveryId)]));
    expect(await office.delivery(id)).toMatchObject({ state: "done" });
  });

  it.each<[string, (deliveryId: string) => object]>([
    ["of another delivery", () => processed(crypto.randomUUID())],
    ["that is older than the sending", (deliveryId) => processed(deliveryId, { timestamp: now() - 3_600 })],
    ["that is not `processed`", (deliveryId) => processed(deliveryId, { event: "bounce" })],
  ])("stays on hold after an event %s", async (_name, event) => {
    const id = await lostAnswer("after-body");
    await posted(events([event((await office.delivery(id)).id)]));
    await swept();
    expect(await office.delivery(id)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
  });

  it("stays on hold if only an earlier request of the same mail was processed", async () => {
    const id = await office.arrive(eagerBody());
    const crowd = Array.from({ length: 1_001 }, (_, n) => `reader-${n}@example.com`);
    office.faults.add({ kind: "delay" }); // The first 1,000 go through.
    office.faults.add({ kind: "reset", when: "after-body" });
    await office.work({ account: { to: crowd } });
    await office.eventsPosted();
    await swept();
    expect(await office.delivery(id)).toMatchObject({ state: "held" });
  });
});

describe("a recipient that SendGrid rejects", () => {
  const warned = async () =>
    ((await (await ask("/api/health")).json()) as { warnings: { kind: string }[] }).warnings.filter(
      ({ kind }) => kind === "recipient-refused",
    );
  // The emulator rejects it, and our own check of the settings does not look at it.
  const wrong = "someone@nowhere";

  it("is noted once for all mails, which are done, until a mail reaches it", async () => {
    const to = ["ada@example.com", wrong];
    const before = settings.email.rules;
    Object.assign(settings.email, { rules: [{ to }] });
    try {
      for (let i = 0; i < 3; i += 1) {
        const id = await office.arrive(eagerBody());
        await office.work({ account: { to } });
        expect(await office.delivery(id)).toMatchObject({
          state: "done",
          result: { accepted: ["a…@example.com"], refused: [{ recipient: "s…@nowhere" }] },
        });
      }
      expect(await warned()).toMatchObject([
        { recipient: { recipient: "s…@nowhere", times: 3, cause: "rejected" } },
      ]);
      // No longer configured.
      Object.assign(settings.email, { rules: [] });
      expect(await warned()).toEqual([]);
    } finally {
      Object.assign(settings.email, { rules: before });
    }
  });

  it("is no longer reported when a later mail reached it", async () => {
    const note = () =>
      office.db.query(
        `insert into refused_recipients (key, recipient, cause, reason) values ($1, 'a…@example.com', 'rejected', 'invalid')
         on conflict (key) do update set last_at = now()`,
        [createHash("sha256").update("ada@example.com").digest("hex").slice(0, 32)],
      );
    await note();
    expect(await warned()).toHaveLength(1);
    await office.arrive(eagerBody());
    await office.work({ account: { to: ["ada@example.com"] } });
    expect(await warned()).toEqual([]);
    await note();
    expect(await warned()).toHaveLength(1);
  });

  it("after a bounce is reached again when a mail is delivered", async () => {
    const deliveryId = crypto.randomUUID();
    await posted(events([processed(deliveryId, { event: "bounce", timestamp: now() - 60 })]));
    expect(await warned()).toHaveLength(1);
    await posted(events([processed(deliveryId)]));
    expect(await warned()).toHaveLength(1);
    await posted(events([processed(deliveryId, { event: "delivered" })]));
    expect(await warned()).toEqual([]);
  });
});
