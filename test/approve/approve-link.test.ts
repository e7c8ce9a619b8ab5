import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../netlify/functions/notification.ts";
import { signGrant } from "../../src/approve/link.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import { type LocalChat, localChat } from "../../src/local/chat/local-chat.ts";
import { type LocalCloudinary, localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { localResend } from "../../src/local/resend/local-resend.ts";
import { type LocalSendgrid, localSendgrid } from "../../src/local/sendgrid/local-sendgrid.ts";
import { type Fetch, type Serving, serve } from "../../src/local/server.ts";
import { settings } from "../../src/settings.ts";
import { empty, realDatabase, type TestDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { invoke, type NetlifyFunctionHandler } from "../support/invoke.ts";
import { carryOutDecisions, sendEverythingTo } from "../support/moderation.ts";
import { testSecret } from "../support/signed-request.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
const linkSecret = "a-link-secret-of-at-least-thirty-two-characters";
const origin = "http://127.0.0.1:9999";
const mailKey = "SG.test-key_0123456789.abcdefghijklmnopqrstuvwxyz";

let database: TestDatabase;
let dataDir: string;
let server: Serving;
let cloudinary: LocalCloudinary;
let sendgrid: LocalSendgrid;
let chats: LocalChat;
let hook: Serving;
let decide: NetlifyFunctionHandler;

beforeAll(async () => {
  database = await realDatabase();
  dataDir = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-approve-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  server = await serve({ port: 0, fetch: (request) => fetch(request) });
  [cloudinary, sendgrid, chats] = await Promise.all([
    localCloudinary({
      ...account,
      dataDir: join(dataDir, "cld"),
      baseUrl: server.url,
      delayMs: 5,
      retryDelaysMs: [],
    }),
    localSendgrid({ dataDir: join(dataDir, "mail"), apiKey: mailKey }),
    localChat({ dataDir: join(dataDir, "chat") }),
  ]);
  const resend = localResend({ mailbox: sendgrid.mailbox, apiKey: mailKey });
  fetch = async (request) =>
    (await cloudinary.fetch(request)) ??
    (await sendgrid.fetch(request)) ??
    (await resend.fetch(request)) ??
    (await chats.fetch(request)) ??
    new Response(null, { status: 404 });
  hook = await serve({ port: 0, fetch: (request) => invoke(notification, request) });
  sendEverythingTo(`${hook.url}/webhooks`, cloudinary);
  // The SDK reads its account when it is loaded.
  environment();
  ({ default: decide } = await import("../../netlify/functions/decide.ts"));
});
afterAll(async () => {
  await Promise.all([cloudinary.close(), server.close(), hook.close()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(async () => {
  environment();
  cloudinary.faults.clear();
  await sendgrid.mailbox.clear();
  await chats.clear();
  await empty(database.db, "notifications", "moderation_decision", "operator_acts", "approve_links");
});
afterEach(() => vi.unstubAllEnvs());

/** Under `netlify dev`, the secret alone turns links on. */
function environment(more: Record<string, string> = {}) {
  configured(database.url, {
    NETLIFY_DEV: "true",
    URL: origin,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`,
    APPROVE_LINK_SECRET: linkSecret,
    ...more,
  });
}

let count = 0;
/** A picture that waits for a person, with its notifications recorded. */
async function upload(changed: object = {}): Promise<{ assetId: string; publicId: string; version: number }> {
  count += 1;
  const { v2 } = await import("cloudinary");
  const png = await sharp({ create: { width: 32, height: 24, channels: 3, background: "#6a8" } })
    .png()
    .toBuffer();
  const uploaded = await v2.uploader.upload(`data:image/png;base64,${png.toString("base64")}`, {
    public_id: `reviews/chair-${count}`,
    moderation: "manual",
    ...changed,
  });
  await settled();
  return { assetId: uploaded.asset_id, publicId: uploaded.public_id, version: uploaded.version };
}
const settled = () => carryOutDecisions(database.db, { ...account, uploadPrefix: server.url }, cloudinary);

/** Sends what there is to say to two people and a chat. */
async function tell(provider: "sendgrid" | "resend" = "sendgrid") {
  const { email } = await import("../../src/handlers/email/handler.ts");
  const { chat } = await import("../../src/handlers/chat/handler.ts");
  await database.db.query(
    `insert into deliveries (notification_id, handler)
     select id, handler from notifications, unnest(array['email', 'chat']) as handler where type = 'upload'`,
  );
  const options = { siteUrl: origin, ownCloud: "demo", approveLinkSecret: linkSecret };
  const mail = {
    provider,
    apiKey: mailKey,
    from: "receiver@example.com",
    to: ["ada@example.com", "grace@example.org"],
    baseUrl: provider === "resend" ? `${server.url}/resend` : server.url,
  };
  const slack = { name: "reviews", service: "slack" as const, url: `${server.url}/chat/slack/x` };
  await deliver({
    db: database.db,
    handlers: [email(mail, options), chat([slack], options)],
    settings,
    budgetMs: 60_000,
    handlerTimeoutMs: 10_000,
    secondLookMs: 0,
  });
}
const pathIn = (text: string | null | undefined) => /\/decide\/[\w.-]+/.exec(text ?? "")?.[0] ?? "";

const ask = (path: string, init: RequestInit = {}) =>
  invoke(decide, new Request(new URL(path, origin), init));
const choose = (path: string, decision: string, reason = "") =>
  ask(path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin" },
    body: new URLSearchParams({ decision, ...(reason && { reason }) }).toString(),
  });
const linkFor = (
  asset: { assetId: string; version: number },
  { recipient = "a…@example.com", inMs = 60_000, secret = linkSecret } = {},
) => `/decide/${signGrant(secret, { ...asset, recipient, expiresAt: Date.now() + inMs })}`;
const statusOf = async (publicId: string) => {
  const { v2 } = await import("cloudinary");
  const { moderation } = await v2.api.resource(publicId);
  return (moderation as { status: string }[])[0]?.status;
};
const acts = async () =>
  (
    await database.db.query(
      "select who, act, reason, detail->>'outcome' as outcome from operator_acts order by id",
    )
  ).rows;

it.each(["sendgrid", "resend"] as const)(
  "%s: each recipient of a mail, and each chat, has a link of its own, which shows the picture and decides once",
  async (provider) => {
    const { publicId } = await upload();
    await tell(provider);
    const mails = sendgrid.mailbox.list();
    const paths = mails.map(({ html }) => pathIn(html));
    expect(mails.map(({ text }) => pathIn(text))).toEqual(paths);
    expect(new Set([...paths, pathIn(JSON.stringify(chats.messages()[0]?.message))]).size).toBe(3);
    for (const { html, text, subject } of mails)
      expect(`${html}${text}${subject}`).not.toMatch(/decide\/link-/);
    const [own = "", others = ""] = paths;

    // As a mail scanner does.
    for (const method of ["GET", "HEAD", "GET"]) expect((await ask(own, { method })).status).toBe(200);
    expect(await statusOf(publicId)).toBe("pending");
    expect(await acts()).toEqual([]);
    const page = await (await ask(own)).text();
    expect(page).toContain(`reviews/chair-${count}`);
    expect(page).toMatch(/<img src="http/);
    expect(page).toContain("a…@example.com");
    expect(page).not.toContain("<script");

    const done = await choose(own, "approved");
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining("<h1>Approved</h1>")]);
    expect(await statusOf(publicId)).toBe("approved");
    expect(await acts()).toEqual([
      { who: "link: a…@example.com", act: "approve", reason: null, outcome: "done" },
    ]);
    const again = await choose(own, "rejected", "no good");
    expect([again.status, await again.text()]).toEqual([410, expect.stringContaining("This link was used")]);
    // The notification of the decision has not arrived: Cloudinary says that nothing is pending.
    const late = await choose(others, "rejected", "no good");
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining("Already decided")]);
    await settled();
    expect((await ask(others)).status).toBe(409);
    expect(await statusOf(publicId)).toBe("approved");
  },
);

it("the page has a strict policy, is not stored, not indexed, and sends no referrer", async () => {
  const { headers } = await ask(linkFor(await upload()));
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data: http:\/\/127\.0\.0\.1:\d+; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("x-robots-tag")).toContain("noindex");
});

it("a rejection leads to what the board's would: held by the rules, and recorded as the recipient's", async () => {
  const asset = await upload();
  const page = await (await ask(linkFor(asset))).text();
  expect(page).toContain("The picture is rejected in Cloudinary. Deleting it waits for an operator.");
  expect((await choose(linkFor(asset), "rejected")).status).toBe(200);
  await settled();
  const { rows } = await database.db.query(
    "select state, last_error from deliveries where handler = 'moderation' and state = 'held'",
  );
  expect(rows).toEqual([{ state: "held", last_error: "awaits-person" }]);
  expect(await statusOf(asset.publicId)).toBe("rejected");
});

it("Cloudinary is asked right before: a failure decides nothing, and the link works again", async () => {
  const asset = await upload();
  const path = linkFor(asset);
  cloudinary.faults.add({ kind: "status", status: 500, times: 20 });
  const failed = await choose(path, "approved");
  expect([failed.status, await failed.text()]).toEqual([502, expect.stringContaining("Not decided")]);
  cloudinary.faults.clear();
  expect(await statusOf(asset.publicId)).toBe("pending");
  expect((await choose(path, "approved")).status).toBe(200);
  expect((await acts()).map(({ outcome }) => outcome)).toEqual(["cloudinary-failed", "done"]);
});

it("two at once decide once", async () => {
  const asset = await upload();
  const path = linkFor(asset);
  const answers = await Promise.all([
    choose(path, "approved"),
    choose(path, "approved"),
    choose(path, "approved"),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410]);
  expect(await acts()).toHaveLength(1);
});

describe("what no link decides", () => {
  it.each<[string, () => Promise<string>, number, string]>([
    ["expired", async () => linkFor(await upload(), { inMs: -1_000 }), 410, "This link has expired"],
    [
      "of an earlier secret, which is revoked",
      async () => linkFor(await upload(), { secret: "the-secret-before-of-thirty-two-characters" }),
      403,
      "This link is not valid",
    ],
    ["damaged", async () => linkFor(await upload()).slice(0, -2), 403, "This link is not valid"],
    ["without a token", async () => "/decide/", 403, "This link is not valid"],
    [
      "for a picture that nobody knows",
      async () => linkFor({ assetId: "0123456789abcdef0123456789abcdef", version: 1 }),
      404,
      "Nothing is known about this picture",
    ],
    [
      "for a picture that was deleted",
      async () => {
        const asset = await upload();
        const { v2 } = await import("cloudinary");
        await v2.uploader.destroy(asset.publicId);
        await settled();
        return linkFor(asset);
      },
      410,
      "The picture was deleted",
    ],
    [
      "for a picture that was replaced",
      async () => {
        const asset = await upload();
        vi.useFakeTimers({ now: Date.now() + 5_000, toFake: ["Date"] });
        await upload({ public_id: asset.publicId, overwrite: true });
        vi.useRealTimers();
        return linkFor(asset);
      },
      409,
      "The picture was replaced",
    ],
  ])("%s", async (_name, path, status, title) => {
    const link = await path();
    for (const answer of [await ask(link), await choose(link, "approved")]) {
      expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(title)]);
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
    expect(await acts()).toEqual([]);
  });

  it("other methods, other sites, and forms without a decision", async () => {
    const asset = await upload();
    const path = linkFor(asset);
    expect((await ask(path, { method: "DELETE" })).status).toBe(405);
    const elsewhere = { "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "cross-site" };
    expect((await ask(path, { method: "POST", headers: elsewhere, body: "decision=approved" })).status).toBe(
      403,
    );
    expect((await choose(path, "maybe")).status).toBe(400);
    const json = { method: "POST", headers: { "content-type": "application/json" } };
    expect((await ask(path, { ...json, body: '{"decision":"approved"}' })).status).toBe(400);
    expect(await statusOf(asset.publicId)).toBe("pending");
    expect(await acts()).toEqual([]);
  });

  it("off by default: without the setting, a deployed receiver has no links and accepts none", async () => {
    const asset = await upload();
    environment({ NETLIFY_DEV: "" });
    expect((await ask(linkFor(asset))).status).toBe(404);
    environment({ APPROVE_LINK_SECRET: "too-short" });
    expect((await ask(linkFor(asset, { secret: "too-short" }))).status).toBe(404);
  });
});
