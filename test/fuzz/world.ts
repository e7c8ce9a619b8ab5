import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import facesBackground from "../../netlify/functions/faces-background.ts";
import sweep from "../../netlify/functions/sweep.ts";
import { nudgeHeaders } from "../../src/lib/deliveries/nudge.ts";
import { notificationTypes } from "../../src/lib/notifications/types.ts";
import { localAkeneo } from "../../src/local/akeneo/local-akeneo.ts";
import { connectionVariables } from "../../src/local/akeneo/local-connection.ts";
import { localQueues } from "../../src/local/queues/local-queues.ts";
import { rekognitionVariables } from "../../src/local/rekognition/local-account.ts";
import { localRekognition } from "../../src/local/rekognition/local-rekognition.ts";
import { type Fetch, serve } from "../../src/local/server.ts";
import { standIns } from "../../src/local/stand-ins.ts";
import { settings } from "../../src/settings.ts";
import { operatorToken } from "../console/tokens.ts";
import { plainAsset } from "../support/bodies.ts";
import { realDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { invoke } from "../support/invoke.ts";
import { testSecret } from "../support/signed-request.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
const awsKey = { accessKeyId: "LOCALKEY", secretAccessKey: "a-secret-for-the-local-services" };
const sendgridApiKey = "SG.test-key_0123456789.abcdefghijklmnopqrstuvwxyz";
const akeneo = {
  clientId: "1_4gm4rnoizp8gskgkk080ssoo80040g44",
  secret: "5dyvo1z6y34so4ogkgksw88ookoows00c",
  username: "shop_connection_9261",
  password: "64bngr78-and-more",
};

/** Assets that exist at Cloudinary, so that handlers get past their look-ups. */
const assets = [
  { public_id: "products/VASE-1/main", resource_type: "image", type: "upload" },
  { public_id: "training/ada", resource_type: "image", type: "authenticated" },
  { public_id: "clips/otters", resource_type: "video", type: "upload" },
] as const;

export interface KnownAsset {
  asset_id: string;
  public_id: string;
  resource_type: "image" | "video";
  type: string;
  version: number;
}

export type FuzzWorld = Awaited<ReturnType<typeof fuzzWorld>>;

/**
 * The receiver's functions on a real database, with every handler and every connector in use, each in front of an emulator that is
 * healthy: whatever goes wrong is due to the input.
 */
export async function fuzzWorld() {
  const database = await realDatabase();
  const { db } = database;
  const dataDir = await mkdtemp(join(tmpdir(), "fuzz-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const emulators = await standIns({
    ...account,
    dataDir,
    baseUrl: server.url,
    delayMs: 0,
    retryDelaysMs: [],
    rateLimit: 10_000_000,
    sendgridApiKey,
    akeneo: localAkeneo({
      ...akeneo,
      catalogue: {
        attributes: [
          { code: "sku", type: "pim_catalog_identifier" },
          { code: "image_url", type: "pim_catalog_textarea" },
        ],
        products: [{ identifier: "VASE-1" }],
      },
    }),
    rekognition: await localRekognition({ key: awsKey, dataDir: null }),
  });
  const queues = localQueues({ key: awsKey, queues: ["assets.fifo"], buses: ["media"] });
  fetch = async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/taken") return new Response(null, { status: 204 });
    if (pathname.startsWith("/.netlify/")) return new Response(null, { status: 202 });
    return (await queues.fetch(request.clone())) ?? (await emulators.fetch(request));
  };
  const variables = {
    NETLIFY_DEV: "true",
    URL: server.url,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`,
    OPERATOR_TOKEN: operatorToken,
    SENDGRID_API_KEY: sendgridApiKey,
    SENDGRID_BASE_URL: server.url,
    FROM_VERIFIED_SENDER: "sender@shop.example",
    TO_RECIPIENTS: "ada@example.com",
    CHAT_WEBHOOKS: ["slack", "teams", "discord"]
      .map((service) => `${server.url}/chat/${service}/local-chat-token-0123456789`)
      .join(" "),
    PIM_WEBHOOK_URL: `${server.url}/taken`,
    PIM_WEBHOOK_SECRET: `whsec_${randomBytes(24).toString("base64")}`,
    ...connectionVariables(server.url, akeneo),
    ...rekognitionVariables(server.url, awsKey),
  };
  const whsec = `whsec_${randomBytes(24).toString("base64")}`;
  const forwarding = {
    FORWARD_WEBHOOK_SECRETS: `crm=${whsec} erp=${whsec}`,
    FORWARD_AWS_REGION: "eu-central-1",
    FORWARD_AWS_ACCESS_KEY_ID: awsKey.accessKeyId,
    FORWARD_AWS_SECRET_ACCESS_KEY: awsKey.secretAccessKey,
    FORWARD_AWS_ENDPOINT: server.url,
  };
  function environment(): void {
    configured(database.url, variables);
    for (const [name, value] of Object.entries(forwarding)) vi.stubEnv(name, value);
  }
  environment();
  routeToEveryHandler(server.url);
  const known: KnownAsset[] = assets.map((asset, index) => ({
    ...asset,
    asset_id: `${index}`.repeat(32),
    version: 1_760_000_123 + index,
  }));
  const { store } = emulators.cloudinary.cloud;
  /** As before a run: what moderation deleted or renamed is there again. */
  function restore(): void {
    store.state.assets.length = 0;
    for (const asset of known) store.state.assets.push({ ...stored, ...asset, serial: store.nextSerial() });
  }
  restore();

  // Some tables have rows from the start, such as the one of the pulse.
  const { rows: tables } = await db.query<{ name: string }>(
    `select quote_ident(tablename) as name from pg_tables where schemaname = 'public'
     and xpath_exists('//row', query_to_xml(format('select 1 from %I limit 1', tablename), false, false, '')) = false`,
  );
  const forgetting = `truncate ${tables.map(({ name }) => name).join(", ")}`;

  return {
    db,
    /** Empties what notifications fill, so that a body that is sent again, as when a counterexample is shrunk, is new. */
    forget: () => db.query(forgetting),
    url: server.url,
    known,
    environment,
    restore,
    /** One look of the functions that deliver, as if the time until the next attempt had passed. */
    async deliver(): Promise<void> {
      const request = new Request(new URL("/.netlify/functions/sweep", server.url), { method: "POST" });
      const swept = await invoke(sweep, request);
      if (swept.status !== 200) throw new Error(`the sweep answered ${swept.status}`);
      const headers = nudgeHeaders([{ name: "a", value: testSecret, expiresAt: null, cloud: null }]) ?? {};
      const url = new URL("/.netlify/functions/faces-background", server.url);
      const worked = await invoke(facesBackground, new Request(url, { method: "POST", headers }));
      if (worked.status !== 200) throw new Error(`faces-background answered ${worked.status}`);
    },
    async close() {
      await server.close();
      await emulators.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Functions read the settings of this process: here, every type is routed to every handler, and no limit of mails, messages or calls is
 * reached, because what waits for a limit stays due.
 */
function routeToEveryHandler(url: string): void {
  const all = ["email", "chat", "pim", "moderation", "faces", "forward"];
  const many = { most: 1_000_000, withinMs: 1, largest: 500 };
  Object.assign(settings.routes, Object.fromEntries(notificationTypes.map((type) => [type, all])));
  Object.assign(settings.pim, { connectors: ["pim:webhook", "pim:akeneo"], approvalReadsPerHour: 1_000_000 });
  Object.assign(settings.pim.akeneo, { attributes: [{ attribute: "image_url" }] });
  Object.assign(settings.faces, { legalBasis: "consent", inMails: true });
  Object.assign(settings.email, { digest: many, maxPerDay: 1_000_000 });
  Object.assign(settings.chat, { digest: many });
  Object.assign(settings.receive, { maxUnreadablePerDay: 1_000_000 });
  Object.assign(settings.moderation, { maxDeletionsPerHour: 1_000_000 });
  const targets = [
    { name: "crm", to: { kind: "http", url: `${url}/taken` }, body: "regular" },
    { name: "assets.fifo", to: { kind: "sqs", queueUrl: `${url}/123456789012/assets.fifo` } },
  ];
  Object.assign(settings.forward, { targets });
}

const stored = {
  version_id: "a".repeat(32),
  format: "png",
  bytes: 100,
  etag: "b".repeat(32),
  created_at: "2025-10-09T08:55:23Z",
  uploaded_at: "2025-10-09T08:55:23Z",
  original_filename: "vase",
  asset_folder: "products",
  display_name: "vase",
  ...plainAsset(),
};
