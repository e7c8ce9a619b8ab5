import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import deliverBackground from "../../netlify/functions/deliver-background.ts";
import notification from "../../netlify/functions/notification.ts";
import sweep from "../../netlify/functions/sweep.ts";
import { sendNudge } from "../../src/lib/deliveries/nudge.ts";
import { type LocalChat, localChat } from "../../src/local/chat/local-chat.ts";
import { localSendgrid } from "../../src/local/sendgrid/local-sendgrid.ts";
import { serve } from "../../src/local/server.ts";
import { ask } from "../console/operator.ts";
import { operatorToken } from "../console/tokens.ts";
import { type Receiver, receiver } from "../handlers/pim-webhook/receiver.ts";
import { uploadBody } from "../support/bodies.ts";
import { empty, realDatabase, type TestDatabase } from "../support/databases.ts";
import { arrive } from "../support/deliveries.ts";
import { configured } from "../support/environment.ts";
import { invoke } from "../support/invoke.ts";
import { signedRequest, testSecret } from "../support/signed-request.ts";
import { type Site, site } from "../support/site.ts";

const apiKey = "SG.test-key_0123456789.abcdefghijklmnopqrstuvwxyz";
const webhookSecret = `whsec_${Buffer.from("a-secret-of-thirty-two-bytes-....").toString("base64")}`;

let database: TestDatabase;
let here: Site;
let hook: Receiver;
let folder: string;
let sendgrid: Awaited<ReturnType<typeof localSendgrid>>;
let chats: LocalChat;
let serving: Awaited<ReturnType<typeof serve>>;
const logged: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-alerts-"));
  [database, here, hook, sendgrid, chats] = await Promise.all([
    realDatabase(),
    site(),
    receiver(),
    localSendgrid({ dataDir: folder, apiKey }),
    localChat({ dataDir: folder }),
  ]);
  serving = await serve({
    port: 0,
    fetch: async (request) =>
      (await sendgrid.fetch(request)) ?? (await chats.fetch(request)) ?? new Response(null, { status: 404 }),
  });
});
afterAll(async () => {
  await Promise.all([serving.close(), here.close(), hook.close(), database.drop()]);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  setUp();
  logged.length = 0;
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(line));
  hook.received.length = 0;
  hook.answering = { status: 200 };
  sendgrid.faults.clear();
  await sendgrid.mailbox.clear();
  await empty(
    database.db,
    "notifications",
    "heartbeats",
    "refusals",
    "paused_handlers",
    "alert_states",
    "alert_messages",
    "operator_acts",
    "moderation_decision",
  );
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function setUp(more: Record<string, string> = {}) {
  configured(database.url, {
    OPERATOR_TOKEN: operatorToken,
    CLOUDINARY_WEBHOOK_SECRETS: `main:${testSecret}`,
    // Under `netlify dev`, the webhook may be on this machine.
    NETLIFY_DEV: "true",
    URL: here.origin,
    SENDGRID_API_KEY: apiKey,
    SENDGRID_BASE_URL: serving.url,
    FROM_VERIFIED_SENDER: "receiver@shop.example",
    TO_RECIPIENTS: "team@example.com",
    ALERT_RECIPIENTS: "Ops <ops@example.com>; oncall@example.com",
    ALERT_WEBHOOK_URL: hook.url,
    ALERT_WEBHOOK_SECRET: webhookSecret,
    ...more,
  });
}

const swept = async () =>
  await invoke(
    sweep,
    new Request(new URL("/.netlify/functions/sweep", here.origin), { method: "POST", body: "{}" }),
  );

interface Alert {
  cause: string;
  kind: string;
  state: string;
  what: string;
}

/** What the webhook was told, verified as a receiver does. */
const told = (): Alert[] =>
  hook.received.flatMap(({ headers, body }) => {
    const read = new Webhook(webhookSecret).verify(body, headers as Record<string, string>) as {
      type: string;
      data: { alerts: Alert[] };
    };
    expect(read.type).toBe("alerts.changed");
    return read.data.alerts;
  });
const toldOf = (kind: string) =>
  told()
    .filter((alert) => alert.kind === kind)
    .map(({ state }) => state);
const subjects = () => sendgrid.mailbox.list().map(({ to, subject }) => [to[0]?.email, subject]);
const hourPasses = () =>
  database.db.query("update alert_states set reported_at = reported_at - interval '61 minutes'");

/** Deliveries that failed permanently for this reason. */
async function fail(count: number, error: string, state = "dead"): Promise<void> {
  const id = await arrive(uploadBody(), here.origin);
  await database.db.query(
    `insert into deliveries (notification_id, handler, state, last_error, settled_at)
     select $1::uuid, 'email', $4, $3 || ' request ' || gen_random_uuid(), now() from generate_series(1, $2::int)`,
    [id, count, error, state],
  );
}

describe("an alert and its all-clear", () => {
  /** How each cause begins, and how it ends. The hook has received one notification before. */
  const causes: [kind: string, begins: () => Promise<unknown>, ends: () => Promise<unknown>][] = [
    [
      "dead",
      () => fail(1, "SendGrid returned 401"),
      () => database.db.query("update deliveries set state = 'done' where state = 'dead'"),
    ],
    [
      "held",
      () => fail(1, "outcome-unknown", "held"),
      () => database.db.query("update deliveries set state = 'skipped' where state = 'held'"),
    ],
    [
      "refused",
      async () => {
        for (let i = 0; i < 3; i += 1) {
          vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 11_000 }); // Counts are written every 10 s.
          await invoke(
            notification,
            signedRequest(uploadBody(), { origin: here.origin, secret: "a-wrong-secret-of-26-chars" }),
          );
        }
        vi.useRealTimers();
      },
      () => arrive(uploadBody(), here.origin),
    ],
    [
      "no-upload",
      () => database.db.query("update notifications set received_at = now() - interval '25 hours'"),
      () => arrive(uploadBody(), here.origin),
    ],
    [
      "overdue",
      // Of a handler that this deploy does not have, so that the sweep does not deliver it.
      () =>
        database.db.query(
          `insert into deliveries (notification_id, handler, due_at) select id, 'pim:old', now() - interval '11 minutes' from notifications`,
        ),
      () => database.db.query("update deliveries set state = 'done' where handler = 'pim:old'"),
    ],
    [
      "backlog",
      async () => {
        await ask("/api/handlers/pim/pause", { body: { reason: "the PIM is being updated" } });
        await arrive(uploadBody(), here.origin);
        await database.db.query(
          "update deliveries set due_at = now() - interval '5 hours' where handler = 'pim'",
        );
      },
      () => ask("/api/handlers/pim/resume", { body: { reason: "done" } }),
    ],
    [
      "background-silent",
      () =>
        database.db.query(
          `with b as (insert into heartbeats (name, at) values ('deliver-background', now() - interval '1 hour'))
           update notifications set received_at = now() - interval '30 minutes'`,
        ),
      () => database.db.query("update heartbeats set at = now() where name = 'deliver-background'"),
    ],
    [
      "deletions",
      () =>
        database.db.query(
          `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, begun_at)
           select 'a' || n, 1, 'manual', 'rejected', now(), 'delete', now() from generate_series(1, 20) n`,
        ),
      () => database.db.query("update moderation_decision set begun_at = now() - interval '2 hours'"),
    ],
    [
      "recipient-refused",
      () =>
        database.db.query(
          `insert into refused_recipients (key, recipient, cause, reason) values ($1, 't…@example.com', 'bounced', 'unknown user')`,
          [createHash("sha256").update("team@example.com").digest("hex").slice(0, 32)],
        ),
      () => database.db.query("delete from refused_recipients"),
    ],
    [
      "secret-ends",
      async () => {
        const soon = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
        setUp({ CLOUDINARY_WEBHOOK_SECRETS: `main:${testSecret} old:an-older-secret-of-26-chars@${soon}` });
      },
      async () => setUp(),
    ],
    [
      "clock",
      async () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 120_000 }),
      async () => vi.useRealTimers(),
    ],
  ];

  it.each(causes)("%s is reported once, and once when it ends", async (kind, begins, ends) => {
    await arrive(uploadBody(), here.origin);
    await swept();
    expect(told()).toEqual([]);

    await begins();
    await swept();
    await swept();
    expect(toldOf(kind)).toEqual(["active"]);
    expect(sendgrid.mailbox.list()).toHaveLength(2); // One for each recipient.
    expect(subjects()).toEqual([
      ["ops@example.com", expect.stringMatching(/^Alert: /)],
      ["oncall@example.com", expect.stringMatching(/^Alert: /)],
    ]);
    expect(logged.filter((line) => line.includes('"message":"alert"') && line.includes(kind))).toHaveLength(
      1,
    );
    // Health and alerts read the same list.
    const health = (await (await ask("/api/health")).json()) as { warnings: { kind: string }[] };
    expect(health.warnings.map((warning) => warning.kind)).toContain(kind);

    await ends();
    await swept(); // Within the hour of the first message.
    expect(toldOf(kind)).toEqual(["active"]);
    await hourPasses();
    await swept();
    await swept();
    expect(toldOf(kind)).toEqual(["active", "resolved"]);
    expect(subjects().at(-1)?.[1]).toMatch(/^Resolved: /);
  });

  it("a silent sweep is noticed by the background worker, and the next sweep reports its end", async () => {
    await arrive(uploadBody(), here.origin);
    await swept();
    await database.db.query("update heartbeats set at = now() - interval '20 minutes' where name = 'sweep'");
    await sendNudge(here.origin, [{ name: "main", value: testSecret, expiresAt: null, cloud: null }]);
    const nudge = here.requests.at(-1)?.headers["x-nudge"] ?? "";
    const background = () =>
      invoke(
        deliverBackground,
        new Request(new URL("/.netlify/functions/deliver-background", here.origin), {
          method: "POST",
          headers: { "x-nudge": nudge },
        }),
      );
    await background();
    await background();
    expect(told()).toMatchObject([{ cause: "sweep-late", state: "active" }]);
    await hourPasses();
    await swept();
    expect(toldOf("sweep-late")).toEqual(["active", "resolved"]);
  });

  it("what ends and begins again within an hour is one message", async () => {
    await fail(1, "SendGrid returned 401");
    await swept();
    await database.db.query("update deliveries set state = 'done' where state = 'dead'");
    await swept();
    await fail(1, "SendGrid returned 401");
    await swept();
    await hourPasses();
    await swept();
    expect(toldOf("dead")).toEqual(["active"]);
  });
});

it("1,000 failures of one cause are one message, and another cause is one more", async () => {
  await fail(1_000, "SendGrid returned 401");
  await swept();
  await fail(500, "SendGrid returned 401");
  await swept();
  expect(told()).toMatchObject([
    {
      kind: "dead",
      state: "active",
      what: expect.stringMatching(/^1000 deliveries .* SendGrid returned 401/),
    },
  ]);
  await fail(1, "SendGrid returned 413");
  await swept();
  expect(toldOf("dead")).toEqual(["active", "active"]);
  expect(sendgrid.mailbox.list()).toHaveLength(4);
});

it("two sweeps at once report a change once", async () => {
  await fail(3, "SendGrid returned 401");
  await Promise.all([swept(), swept(), swept()]);
  expect(toldOf("dead")).toEqual(["active"]);
  await database.db.query("update deliveries set state = 'done' where state = 'dead'");
  await hourPasses();
  await Promise.all([swept(), swept(), swept()]);
  expect(toldOf("dead")).toEqual(["active", "resolved"]);
  expect(sendgrid.mailbox.list()).toHaveLength(4);
});

it("alerts go to chats as well, and a chat that cannot be reached affects no other channel", async () => {
  const path = "/chat/slack/services/T0/B0/an-alert-webhook-0123456789";
  setUp({
    ALERT_CHAT_WEBHOOKS: `ops=${serving.url}${path} ${serving.url}${path.replace("slack", "discord")}`,
  });
  const posted = (service: string) =>
    chats.messages().flatMap((one) => (one.service === service ? [JSON.stringify(one.message)] : []));
  chats.faults.add({ kind: "status", status: 503, match: "/chat/discord/" });
  await fail(3, "SendGrid returned 401");
  await swept();
  expect(posted("slack")).toHaveLength(1);
  expect(posted("slack")[0]).toContain("SendGrid returned 401");
  expect(posted("slack")[0]).toContain("/console/health");
  expect(posted("discord")).toEqual([]);
  expect(toldOf("dead")).toEqual(["active"]);
  expect(logged.filter((line) => line.includes("alert not sent"))).toEqual([
    expect.stringContaining("Discord returned 503"),
  ]);
  expect(logged.join()).not.toContain("an-alert-webhook");
  await database.db.query("update deliveries set state = 'done' where state = 'dead'");
  await database.db.query("update alert_messages set due_at = now() where state = 'due'");
  await hourPasses();
  await swept();
  expect(posted("discord")).toHaveLength(2);
  expect(posted("slack").at(-1)).toContain("resolved");
});

describe("when a message cannot be sent", () => {
  const messagesDue = () => database.db.query("update alert_messages set due_at = now() where state = 'due'");

  it("the log says so, the other channel is not affected, and it is sent later", async () => {
    sendgrid.faults.add({ kind: "status", status: 503 });
    hook.answering = { status: 500 };
    await fail(1, "SendGrid returned 401");
    await swept();
    const failures = logged.filter((line) => line.includes("alert not sent"));
    expect(failures).toHaveLength(2);
    expect(failures.join()).toContain("503");
    expect(failures.join()).not.toContain("example.com");
    expect(sendgrid.mailbox.list()).toEqual([]);
    const [first] = hook.received;

    hook.answering = { status: 204 };
    await messagesDue();
    await swept();
    expect(sendgrid.mailbox.list()).toHaveLength(2);
    expect(hook.received).toHaveLength(2);
    expect(hook.received[1]?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    await messagesDue();
    await swept();
    expect(hook.received).toHaveLength(2);
  });

  it("a mail with an unknown outcome is not sent again", async () => {
    sendgrid.faults.add({ kind: "reset", when: "after-work" });
    await fail(1, "SendGrid returned 401");
    await swept();
    await messagesDue();
    await swept();
    const { rows } = await database.db.query("select state from alert_messages where channel = 'mail'");
    expect(rows).toEqual([{ state: "unknown" }]);
    expect(logged.join()).toContain("alert not sent");
  });

  it("a webhook on a private network is not called by a deployed receiver", async () => {
    setUp({ NETLIFY_DEV: "", ALERT_RECIPIENTS: "" });
    await fail(1, "SendGrid returned 401");
    await swept();
    expect(hook.received).toEqual([]);
    expect(logged.join()).toMatch(/alert not sent.*ALERT_WEBHOOK/);
  });

  it("without recipients, the log has it", async () => {
    setUp({ ALERT_RECIPIENTS: "", ALERT_WEBHOOK_URL: "", ALERT_WEBHOOK_SECRET: "" });
    await fail(1, "SendGrid returned 401");
    await swept();
    expect(logged.filter((line) => line.includes('"message":"alert"'))).toHaveLength(1);
  });
});

describe("an operator mutes a cause", () => {
  it("with a reason, in the audit log; unmuted, what changed is reported", async () => {
    await fail(1, "SendGrid returned 401");
    await swept();
    const { alerts } = (await (await ask("/api/alerts")).json()) as { alerts: { cause: string }[] };
    const cause = alerts[0]?.cause ?? "";
    expect(alerts).toMatchObject([{ kind: "dead", active: true, mutedAt: null }]);

    const muted = await ask(`/api/alerts/${cause}/mute`, { body: { reason: "SendGrid is being replaced" } });
    expect(await muted.json()).toMatchObject({
      alerts: [{ cause, mutedBy: "ada", muteReason: "SendGrid is being replaced" }],
    });
    await database.db.query("update deliveries set state = 'done' where state = 'dead'");
    await hourPasses();
    await swept();
    expect(toldOf("dead")).toEqual(["active"]);

    await ask(`/api/alerts/${cause}/unmute`, { body: { reason: "it is replaced" } });
    await swept();
    expect(toldOf("dead")).toEqual(["active", "resolved"]);
    const { rows } = await database.db.query("select who, act, reason from operator_acts order by id");
    expect(rows).toEqual([
      { who: "ada", act: "mute", reason: "SendGrid is being replaced" },
      { who: "ada", act: "unmute", reason: "it is replaced" },
    ]);
  });

  it("unknown causes and missing reasons are rejected", async () => {
    expect((await ask("/api/alerts/nothing/mute", { body: { reason: "because" } })).status).toBe(404);
    expect((await ask("/api/alerts/clock/mute", { body: {} })).status).toBe(400);
  });
});
