import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { chat } from "../../../src/handlers/chat/handler.ts";
import type { ChatMessage } from "../../../src/handlers/chat/message.ts";
import { post } from "../../../src/handlers/chat/post.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { type ChatWebhook, chatServices, readChats } from "../../../src/lib/shared/chat-variables.ts";
import { type LocalChat, localChat } from "../../../src/local/chat/local-chat.ts";
import { type Serving, serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import type { ChatSettings } from "../../../src/settings.types.ts";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { type Breakable, breakable } from "../../support/breakable.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive, deliveriesOf, endLeases, makeDue, unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { eagerBody, moderationBody } from "../email/bodies.ts";

const origin = "https://hooks.shop.example";
const token = "tOkEn-0123456789-abcdefghijklmnop";
let database: TestDatabase;
let emulator: LocalChat;
let service: Breakable;
let serving: Serving;
let folder: string;
let webhooks: ChatWebhook[];
const lines: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-chat-"));
  [database, emulator] = await Promise.all([realDatabase(), localChat({ dataDir: folder, token })]);
  service = breakable(
    async (request) => (await emulator.fetch(request)) ?? new Response(null, { status: 404 }),
  );
  serving = await serve({ port: 0, fetch: service.fetch });
  webhooks = chatServices.map((service) => ({
    name: service,
    service,
    url: `${serving.url}/chat/${service}/hooks/${token}`,
  }));
  for (const level of ["log", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.map(String).join(" ")));
});
afterAll(async () => {
  vi.restoreAllMocks();
  await serving.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  configured(database.url, {
    NETLIFY_DEV: "true",
    URL: origin,
    CHAT_WEBHOOKS: webhooks.map(({ url }) => url).join(" "),
  });
  emulator.faults.clear();
  await emulator.clear();
  await database.db.query("delete from notifications");
});
afterEach(() => vi.unstubAllEnvs());

const options = { siteUrl: origin, ownCloud: "demo" };
const work = (changed: Partial<ChatSettings> = {}, to = webhooks, more: object = {}) =>
  deliver({
    db: database.db,
    handlers: [chat(to, { ...options, ...more })],
    settings: { ...settings, chat: { ...settings.chat, timeoutMs: 30_000, ...changed } },
    ...unhurried,
    random: () => 0.5,
  });
const delivery = async (id: string) => {
  const row = (await deliveriesOf(database.db, id)).find(({ handler }) => handler === "chat");
  if (!row) throw new Error("no chat delivery");
  return row;
};
/** The upload of this asset names the product, and the PIM handler has seen it. */
async function putOnProduct({ asset_id, public_id }: { asset_id: string; public_id: string }, sku: string) {
  await arrive(uploadBody({ asset_id, public_id, tags: [`sku:${sku}`] }), origin);
  await deliver({
    db: database.db,
    handlers: [pim({ apiSecret: null, ownCloud: "demo", api: null })],
    settings,
    ...unhurried,
  });
}
const counts = () => {
  const found = emulator.messages().map(({ service }) => service);
  return Object.fromEntries(chatServices.map((name) => [name, found.filter((one) => one === name).length]));
};
const textOf = (service: string) =>
  JSON.stringify(emulator.messages().findLast((one) => one.service === service)?.message);

describe("a notification in a chat", () => {
  it("is the message of its e-mail, with picture, product and buttons that lead to the board, in each service", async () => {
    const body = moderationBody("pending", { moderation_kind: "manual" });
    await putOnProduct(body, "SOFA-1");
    const id = await arrive(body, origin);
    await work();
    expect(await delivery(id)).toMatchObject({
      state: "done",
      result: { accepted: ["slack", "teams", "discord"], errors: [] },
    });
    expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
    for (const service of chatServices) {
      const text = textOf(service);
      expect(text, service).toContain("SOFA-1 awaits a decision");
      expect(text, service).toContain("It waits for your decision.");
      expect(text, service).toContain("e_blur:2000"); // Not approved yet.
      expect(text, service).toContain("reviews/knight");
      for (const link of [`${origin}/console/moderation`, `${origin}/console/notifications/${id}`])
        expect(text, service).toContain(link);
    }
  });

  it("is planned only if CHAT_WEBHOOKS is set", async () => {
    configured(database.url);
    const id = await arrive(eagerBody(), origin);
    expect((await deliveriesOf(database.db, id)).map(({ handler }) => handler)).not.toContain("chat");
  });

  it("follows the rules: other channels, or none", async () => {
    const rules = [
      { folder: "reviews", to: ["slack"] },
      { types: ["eager"], folder: "drafts", send: false },
    ];
    await arrive(moderationBody("approved"), origin);
    const none = await arrive(eagerBody({ public_id: "drafts/a" }), origin);
    await work({ rules });
    expect(counts()).toEqual({ slack: 1, teams: 0, discord: 0 });
    expect(await delivery(none)).toMatchObject({ state: "skipped", last_error: "not-wanted" });
  });

  it("is not posted from a preview", async () => {
    const id = await arrive(eagerBody(), origin);
    await work({}, webhooks, { sandbox: true });
    expect(await delivery(id)).toMatchObject({ state: "skipped", last_error: "preview" });
    expect(emulator.messages()).toEqual([]);
  });
});

describe("what the other side answers", () => {
  it.each([
    ["slack", 404, "no_service"],
    ["slack", 410, "channel_is_archived"],
    ["slack", 400, "channel_is_archived"],
    ["discord", 404, '{"message": "Unknown Webhook", "code": 10015}'],
    ["teams", 404, "WorkflowTriggerNotFound"],
    ["teams", 410, ""],
  ])(
    "%s: a revoked webhook (%i %s) is dead with its cause, and the other channels have the message",
    async (service, status, body) => {
      emulator.faults.add({ kind: "status", status, body, match: `/chat/${service}/` });
      const id = await arrive(eagerBody(), origin);
      await work();
      expect(await delivery(id)).toMatchObject({
        state: "dead",
        attempts: 1,
        last_error: expect.stringMatching(/^(Slack|Microsoft Teams|Discord) returned 4\d\d.*revoked/),
      });
      expect(emulator.messages()).toHaveLength(2);
      await database.db.query(
        "update deliveries set state = 'due', due_at = now(), waits = attempts, sending_at = null",
      );
      await work();
      expect(await delivery(id)).toMatchObject({ state: "done" });
      expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
    },
  );

  it("a webhook that was deleted is dead: each service says so in its own words", async () => {
    const wrong = webhooks.map((one) => ({ ...one, url: `${one.url}x` }));
    const id = await arrive(eagerBody(), origin);
    await work({}, wrong);
    const { state, last_error } = await delivery(id);
    expect(state).toBe("dead");
    for (const word of ["no_service", "WorkflowTriggerNotFound", "10015"]) expect(last_error).toContain(word);
  });

  it.each([
    ["slack", { "Retry-After": "40" }, 40_000],
    ["teams", { "Retry-After": "20" }, 20_000],
    ["discord", { "X-RateLimit-Reset-After": "30.5" }, 30_500],
  ] as const)(
    "%s: a rate limit is waited for, and nobody gets the message twice",
    async (service, headers, waitMs) => {
      emulator.faults.add({ kind: "status", status: 429, headers, match: `/chat/${service}/` });
      const id = await arrive(eagerBody(), origin);
      await work();
      const { state, dueInMs } = await delivery(id);
      expect(state).toBe("due");
      expect(dueInMs).toBeGreaterThan(waitMs * 0.8);
      expect(dueInMs).toBeLessThan(Math.max(waitMs, 30_000) * 1.3);
      await makeDue(database.db);
      await work();
      expect(await delivery(id)).toMatchObject({ state: "done" });
      expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
    },
  );

  it("a lost answer puts the delivery on hold, also when the worker is lost; nothing is repeated", async () => {
    emulator.faults.add({ kind: "reset", when: "after-work", match: "/chat/slack/" });
    const id = await arrive(eagerBody(), origin);
    await work();
    expect(await delivery(id)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    emulator.faults.add({ kind: "hang", when: "after-work", match: "/chat/teams/" });
    const other = await arrive(eagerBody(), origin);
    const lost = work();
    await expect.poll(() => emulator.messages().length).toBe(6);
    await endLeases(database.db);
    await work();
    expect(await delivery(other)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    service.breakConnections();
    await lost;
    expect(counts()).toEqual({ slack: 2, teams: 2, discord: 2 });
  });

  it("is retried when it cannot be reached", async () => {
    const id = await arrive(eagerBody(), origin);
    await work({}, [{ name: "slack", service: "slack", url: `http://127.0.0.1:1/chat/slack/${token}` }]);
    expect(await delivery(id)).toMatchObject({
      state: "due",
      last_error: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("a picture that Slack cannot load is left out, and the message is posted", async () => {
    emulator.faults.add({ kind: "status", status: 400, body: "invalid_blocks", match: "/chat/slack/" });
    const id = await arrive(uploadRouted(), origin);
    await work();
    expect(await delivery(id)).toMatchObject({ state: "done" });
    expect(textOf("slack")).not.toContain("image_url");
    expect(textOf("discord")).toContain('"image"');
  });
});

/** A decision about a public picture. */
const uploadRouted = () => moderationBody("approved");

it("a burst of 500 is one digest in each channel, which names products", {
  timeout: 240_000,
}, async ({ onTestFinished }) => {
  // Five seconds into a minute, so that none ends meanwhile: deliveries of a digest wait for the next.
  vi.useFakeTimers({ now: Math.floor(Date.now() / 60_000) * 60_000 + 5_000, toFake: ["Date"] });
  onTestFinished(() => void vi.useRealTimers());
  const bodies = Array.from({ length: 500 }, (_, n) =>
    n % 50 === 0
      ? moderationBody("rejected", { public_id: `burst/bad-${n}`, asset_id: hexId() })
      : eagerBody({ public_id: `burst/${n}`, asset_id: hexId() }),
  );
  const [first] = bodies;
  if (first) await putOnProduct(first, "LAMP-7");
  for (let at = 0; at < bodies.length; at += 50)
    await Promise.all(bodies.slice(at, at + 50).map((body) => arrive(body, origin)));
  await work({ digest: { most: 0, withinMs: 60_000, largest: 500 } });
  expect(emulator.messages()).toEqual([]);
  await makeDue(database.db);
  await work();
  await makeDue(database.db);
  await work();
  expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
  for (const service of chatServices) {
    expect(textOf(service), service).toMatch(/500 notifications from Cloudinary, 10 need attention/);
    expect(textOf(service), service).toMatch(/LAMP(\\\\)?-7 was rejected/);
    expect(textOf(service), service).toContain("more in the console");
  }
  const { rows } = await database.db.query(
    "select state, count(*)::int as n from deliveries where handler = 'chat' group by state",
  );
  expect(rows).toEqual([{ state: "done", n: 500 }]);
});

describe("hostile and large content", () => {
  it.each([
    ["mentions", "<!channel> <@U123> @everyone <@&99> <@42>"],
    ["markup", "*bold* _it_ ~no~ `code` [link](https://evil.example) **b** ||spoiler|| > quote"],
    ["links and HTML", "<https://evil.example|click> <img src=x onerror=alert(1)> &lt;b&gt;"],
    ["line breaks", "a\n# heading\n- list\r\nb\u2028c"],
  ])("%s in a name have no effect", async (_name, public_id) => {
    await arrive(moderationBody("approved", { public_id }), origin);
    await work();
    expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
    // In plain text, which a header is, they are no markup.
    const slack = textOf("slack").replace(/"plain_text","text":"(?:[^"\\]|\\.)*"/g, "");
    expect(slack).not.toMatch(/<[!@]|<https:\/\/evil|<img/);
    const discord = textOf("discord");
    expect(discord).toContain('"allowed_mentions":{"parse":[]}');
    expect(discord).not.toMatch(/(?<!\\)(\[link\]\(|<@|\*\*b\*\*|\|\|spoiler)/);
    // The pages of the emulator read the markup as the services do: nothing of the name has become an element.
    const page = await (await emulator.fetch(new Request(`${serving.url}/chat`)))?.text();
    for (const element of ["<img src=&#34;x", "<i>it</i>", "<s>no</s>", "<code>code</code>", 'evil.example"'])
      expect(page).not.toContain(element);
    expect(page).not.toMatch(/<b>bold<\/b>|<b>b<\/b>/);
  });

  it.each(["", "\u200b", " "])(
    "details that are empty are left out: a public id that is %j",
    async (public_id) => {
      const id = await arrive(moderationBody("approved", { public_id }), origin);
      await work();
      expect(await delivery(id)).toMatchObject({ state: "done", last_error: null });
      expect(counts()).toEqual({ slack: 1, teams: 1, discord: 1 });
    },
  );

  it("the longest message that can be composed is within the limits of each service", async () => {
    const long = "*<&[]()_".repeat(2_000);
    const message: ChatMessage = {
      tone: "bad",
      label: long.slice(0, 60),
      headline: long.slice(0, 140),
      lead: long.slice(0, 400),
      picture: { src: `${serving.url}/${"x".repeat(1_900)}`, alt: long.slice(0, 120) },
      facts: Array.from({ length: 8 }, () => ({ label: long.slice(0, 40), value: long.slice(0, 200) })),
      lines: Array.from({ length: 15 }, () => ({
        text: long.slice(0, 160),
        url: `${origin}/${"x".repeat(1_900)}`,
      })),
      more: long.slice(0, 60),
      links: Array.from({ length: 5 }, (_, n) => ({
        title: long.slice(0, 60),
        url: n < 2 ? `${origin}/${"x".repeat(1_900)}` : `${origin}/console`,
      })),
      footer: long.slice(0, 200),
    };
    for (const webhook of webhooks)
      expect(
        await post(message, webhook, { timeoutMs: 20_000, signal: AbortSignal.timeout(30_000) }),
        webhook.service,
      ).toEqual({ kind: "accepted" });
  });

  it("webhooks, which are secrets, are in no log line and no record, whatever fails", async () => {
    lines.length = 0;
    for (const fault of [
      { kind: "status", status: 404, body: `no such hook ${token}` },
      { kind: "status", status: 500, body: webhooks[0]?.url ?? "" },
      { kind: "reset", when: "after-work" },
    ] as const) {
      emulator.faults.add(fault);
      await arrive(eagerBody(), origin);
      await work();
    }
    await arrive(uploadBody(), origin);
    const { rows } = await database.db.query<{ all: string }>(
      "select (select jsonb_agg(d) from deliveries d)::text || (select jsonb_agg(a) from attempts a)::text as all",
    );
    const kept = `${rows[0]?.all} ${lines.join("\n")}`;
    expect(kept).toContain("revoked");
    expect(kept).not.toContain(token);
  });
});

describe("CHAT_WEBHOOKS", () => {
  const read = (text: string, local = false) => {
    const { webhooks: found, problems } = readChats("CHAT_WEBHOOKS", text, local);
    return { found: found.map(({ name, service }) => `${name}:${service}`), problems };
  };
  it.each([
    ["https://hooks.slack.com/services/T01/B02/abcdefghijklmnopqrstuvwx", "slack:slack"],
    ["reviews=https://discord.com/api/webhooks/123456789012345678/abc_DEF-123", "reviews:discord"],
    ["https://canary.discord.com/api/v10/webhooks/123456789012345678/abc", "discord:discord"],
    [
      "https://prod-12.westeurope.logic.azure.com:443/workflows/0a1b/triggers/manual/paths/invoke?sig=abcdefgh",
      "teams:teams",
    ],
    [
      "team=https://default0a1b.2c.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/3d/triggers/manual/paths/invoke?sig=abcdefgh",
      "team:teams",
    ],
  ])("%s is recognised by its host", (text, expected) => {
    expect(read(text)).toEqual({ found: [expected], problems: [] });
  });

  it.each([
    ["https://evil.example/services/T/B/x"],
    ["https://hooks.slack.com.evil.example/services/T/B/x"],
    ["http://hooks.slack.com/services/T/B/x"],
    ["https://a@hooks.slack.com/services/T/B/x"],
    ["https://hooks.slack.com:8443/services/T/B/x"],
    ["https://discord.com/api/users/@me"],
    ["http://127.0.0.1:8889/chat/slack/x"],
    ["nonsense"],
  ])("%s is rejected by its position, without the URL", (text) => {
    const { found, problems } = read(`https://hooks.slack.com/services/T/B/first-secret ${text}`);
    expect(found).toEqual(["slack:slack"]);
    expect(problems).toEqual([expect.stringMatching(/^CHAT_WEBHOOKS: entry 2 is not the URL/)]);
    expect(problems.join()).not.toContain(text);
  });

  it("a retired connector, and two entries of one name, are named", () => {
    expect(read("https://acme.webhook.office.com/webhookb2/x").problems).toEqual([
      expect.stringContaining("retired Office connector"),
    ]);
    const twice = "https://hooks.slack.com/services/T/B/one https://hooks.slack.com/services/T/B/two";
    expect(read(twice)).toEqual({
      found: ["slack:slack"],
      problems: [expect.stringContaining("entry 2 has the name slack of another entry")],
    });
  });
});
