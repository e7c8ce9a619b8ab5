import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { chatHandler } from "../../src/handlers/chat/handler.ts";
import { emailHandler } from "../../src/handlers/email/handler.ts";
import { moderationHandler } from "../../src/handlers/moderation/handler.ts";
import { pimHandler } from "../../src/handlers/pim/handler.ts";
import { localChat } from "../../src/local/chat/local-chat.ts";
import { type LocalCloudinary, localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { localSendgrid } from "../../src/local/sendgrid/local-sendgrid.ts";
import { serve } from "../../src/local/server.ts";
import { hexId, uploadBody } from "../support/bodies.ts";
import { type Effects, type Hanging, handlerContract, requestGate } from "../support/handler-contract.ts";
import { testSecret } from "../support/signed-request.ts";
import { moderationBody } from "./email/bodies.ts";
import { callApiHandler } from "./examples/call-api.ts";
import { keepTableHandler } from "./examples/keep-table.ts";
import { tellChatHandler } from "./examples/tell-chat.ts";
import { decisionOn } from "./moderation/bodies.ts";
import { localAsset } from "./moderation/world.ts";

// The SDK of Cloudinary chooses between http and https when it is loaded, by the environment.
vi.hoisted(() => {
  process.env.CLOUDINARY_URL = "cloudinary://0:none@none?upload_prefix=http%3A%2F%2F127.0.0.1";
});

/** A service that takes requests. One with an idempotency key that it knows is no new effect. */
async function service(variablesOf: (url: string) => Record<string, string>): Promise<Effects> {
  const keys = new Set<string>();
  const { pass, hang } = requestGate();
  const server = await serve({
    port: 0,
    async fetch(request) {
      await request.text();
      await pass();
      keys.add(request.headers.get("idempotency-key") ?? hexId());
      return new Response(null, { status: 201 });
    },
  });
  return {
    variables: variablesOf(server.url),
    count: () => keys.size,
    hang,
    close: () => server.close(),
  };
}

const page = await readFile(new URL("../../docs/handlers.md", import.meta.url), "utf8");
const press = () => uploadBody({ public_id: `press/${hexId()}`, tags: ["sku:PRESS-1"] });

handlerContract(tellChatHandler, {
  body: press,
  lostAttempt: "held",
  open: () => service((url) => ({ TELL_CHAT_URL: `${url}/services/T024BE7LD/B024BE7LH` })),
});

handlerContract(callApiHandler, {
  body: press,
  lostAttempt: "repeated",
  open: () =>
    service((url) => ({ CALL_API_URL: `${url}/records`, CALL_API_TOKEN: "t0ken-of-the-other-system" })),
});

handlerContract(keepTableHandler, {
  body: press,
  lostAttempt: "repeated",
  async open({ db }) {
    const [, migration = ""] = /```sql\n(create table press_pictures[\s\S]*?)```/.exec(page) ?? [];
    await db.query(migration);
    return {
      async count() {
        const { rows } = await db.query<{ n: number }>("select count(*)::int as n from press_pictures");
        return rows[0]?.n ?? 0;
      },
    };
  },
});

handlerContract(pimHandler, {
  body: press,
  lostAttempt: "repeated",
  async open({ db }) {
    return {
      async count() {
        const { rows } = await db.query<{ n: number }>("select count(*)::int as n from pim_product_image");
        return rows[0]?.n ?? 0;
      },
    };
  },
});

/** Serves an emulator, which can be made to answer nothing. */
async function emulated(
  answer: Fetch,
): Promise<{ url: string; hang: () => Hanging; close: () => Promise<void> }> {
  const { pass, hang } = requestGate();
  const server = await serve({
    port: 0,
    async fetch(request) {
      // Read before it waits, as by a service that has the request and loses the answer.
      const copy = new Request(request.url, {
        method: request.method,
        headers: request.headers,
        ...(request.method !== "GET" && { body: await request.arrayBuffer() }),
      });
      await pass();
      return (await answer(copy)) ?? new Response(null, { status: 404 });
    },
  });
  return {
    url: server.url,
    hang,
    close: () => server.close(),
  };
}
type Fetch = (request: Request) => Promise<Response | null>;

const folder = await mkdtemp(join(tmpdir(), "contract-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
const told = () => moderationBody("approved", { public_id: `press/${hexId()}` });

handlerContract(emailHandler, {
  body: told,
  lostAttempt: "held",
  async open() {
    const apiKey = "SG.local.key-of-the-contract";
    const sendgrid = await localSendgrid({ dataDir: join(folder, "mail"), apiKey });
    const { url, ...service } = await emulated(sendgrid.fetch);
    return {
      ...service,
      count: () => sendgrid.mailbox.list().length,
      variables: {
        SENDGRID_API_KEY: apiKey,
        SENDGRID_BASE_URL: url,
        FROM_VERIFIED_SENDER: "receiver@example.com",
        TO_RECIPIENTS: "team@example.com",
      },
    };
  },
});

handlerContract(chatHandler, {
  body: told,
  lostAttempt: "held",
  async open() {
    const token = "tOkEn-0123456789-abcdefghijklmnop";
    const emulator = await localChat({ dataDir: join(folder, "chat"), token });
    const { url, ...service } = await emulated(emulator.fetch);
    const webhook = `${url}/chat/slack/services/T024BE7LD/B024BE7LH/${token}`;
    return {
      ...service,
      count: () => emulator.messages().length,
      variables: { CHAT_WEBHOOKS: webhook, NETLIFY_DEV: "true" },
    };
  },
});

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
let cloudinary: LocalCloudinary | undefined;
let opened = 0;

handlerContract(moderationHandler, {
  /** Of a video that Cloudinary has, restricted and approved. */
  body() {
    const { store } = cloudinary?.cloud ?? {};
    if (store === undefined) throw new Error("the contract is not open");
    const at = "2025-10-09T08:55:53Z";
    const kind = "google_video_moderation";
    const asset = {
      ...localAsset(),
      serial: store.nextSerial(),
      public_id: `clips/${hexId()}`,
      moderation: [{ kind, status: "approved" as const, updated_at: at }],
    };
    store.state.assets.push(asset);
    return decisionOn(asset, "approved", { kind, at });
  },
  lostAttempt: "recognised",
  async open() {
    let url = "";
    const service = await emulated(async (request) => {
      // What publishes a video is a new access control; the call that only asks has none.
      if (/"access_control"|name="access_control"|access_control=/.test(await request.clone().text()))
        opened += 1;
      return (await cloudinary?.fetch(request)) ?? null;
    });
    url = service.url;
    cloudinary = await localCloudinary({
      ...account,
      dataDir: join(folder, "cloudinary"),
      baseUrl: url,
      delayMs: 5,
      retryDelaysMs: [],
    });
    return {
      count: () => opened,
      hang: service.hang,
      variables: {
        CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(url)}`,
      },
      async close() {
        await cloudinary?.close();
        await service.close();
      },
    };
  },
});

it.each(["tell-chat", "call-api", "keep-table"])(
  "docs/handlers.md has the tested example %s",
  async (name) => {
    const code = await readFile(new URL(`examples/${name}.ts`, import.meta.url), "utf8");
    expect(page.includes(`\`\`\`ts\n${code.replaceAll('"../../../src/', '"../../')}\`\`\``)).toBe(true);
  },
);
