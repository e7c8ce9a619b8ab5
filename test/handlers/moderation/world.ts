import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import * as z from "zod";
import notification from "../../../netlify/functions/notification.ts";
import type { CloudinaryAccount } from "../../../src/config.types.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";
import { localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import type { Asset, Moderation } from "../../../src/local/cloudinary/store/state.ts";
import { type Fetch, serve } from "../../../src/local/server.ts";
import { settings as ownSettings } from "../../../src/settings.ts";
import type { Settings } from "../../../src/settings.types.ts";
import { hexId } from "../../support/bodies.ts";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive, type DeliveryRow, dueInMs, makeDue, unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { sendEverythingTo } from "../../support/moderation.ts";
import { testSecret } from "../../support/signed-request.ts";
import { restrictedVideo } from "./bodies.ts";

/** What the receiver asked of Cloudinary. */
export interface CloudinaryCall {
  /** `POST /video/explicit`, without host, version and cloud; `ask /video/explicit` for one that changes nothing. */
  line: string;
  fields: Record<string, string>;
  api: "upload" | "admin";
}

export type World = Awaited<ReturnType<typeof world>>;

const account: CloudinaryAccount = {
  cloudName: "demo",
  apiKey: "123456789012345",
  apiSecret: testSecret,
};

/**
 * A receiver with a real database, the local Cloudinary behind real HTTP, and the moderation handler on the real SDK.
 * Its notifications come by the front door, either from `tell` or, with `listen`, from the local Cloudinary itself.
 */
export async function world(open: () => Promise<TestDatabase> = realDatabase) {
  const database = await open();
  const dataDir = await mkdtemp(join(tmpdir(), "moderation-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const cloudinary = await localCloudinary({
    ...account,
    dataDir,
    baseUrl: server.url,
    delayMs: 5,
    retryDelaysMs: [],
    rateLimit: 500,
  });
  const calls: CloudinaryCall[] = [];
  const instead: { answer: ((call: CloudinaryCall) => Response | null) | null } = { answer: null };
  fetch = async (request) => {
    const call = await read(request.clone());
    calls.push(call);
    return instead.answer?.(call) ?? (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 });
  };
  const hook = await serve({ port: 0, fetch: (request) => invoke(notification, request) });
  const environment = {
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`,
  };
  configured(database.url, environment);
  // The SDK chooses between http and https when it is loaded, by the environment.
  const { moderation } = await import("../../../src/handlers/moderation/handler.ts");
  const { pim } = await import("../../../src/handlers/pim/handler.ts");
  const { cloudinaryApi } = await import("../../../src/lib/cloudinary/api.ts");
  const { decide } = await import("../../../src/handlers/moderation/operator-decision.ts");
  const { v2: sdk } = await import("cloudinary");
  const { db } = database;
  const handler = moderation(account);

  async function deliveries(name = "moderation") {
    const { rows } = await db.query<DeliveryRow & { source: string; type: string }>(
      `select d.*, n.source, n.type, ${dueInMs}
       from deliveries d join notifications n on n.id = d.notification_id where handler = $1 order by d.created_at, d.id`,
      [name],
    );
    return rows;
  }

  /** Delivers all that is due and says what became of the moderation deliveries, oldest first. */
  async function run(
    changed: Partial<Settings["moderation"]> = {},
    others: Handler[] = [],
    moderator: Handler = handler,
  ) {
    await deliver({
      db,
      handlers: [moderator, ...others],
      settings: settingsWith(changed),
      ...unhurried,
    });
    return deliveries();
  }

  /** Lets Cloudinary and the receiver talk until neither has anything left to say. */
  async function settle(changed: Partial<Settings["moderation"]> = {}, others: Handler[] = []) {
    const names = [handler, ...others].map(({ name }) => name);
    for (let open = 1; open > 0; ) {
      await cloudinary.idle();
      await run(changed, others);
      await cloudinary.idle();
      const { rows } = await db.query<{ n: number }>(
        "select count(*)::int as n from deliveries where state = 'due' and handler = any ($1::text[])",
        [names],
      );
      open = rows[0]?.n ?? 0;
      if (open > 0) await makeDue(db);
    }
    return await deliveries();
  }

  return {
    db,
    cloudinary,
    /** What Cloudinary holds. */
    assets: cloudinary.cloud.store.state.assets,
    calls,
    lines: () => calls.map(({ api, line }) => `${api} ${line}`),
    /** Answers some calls in Cloudinary's place. */
    instead,
    url: server.url,
    cloudinaryUrl: environment.CLOUDINARY_URL,
    databaseUrl: database.url,
    hookUrl: hook.url,
    account,
    sdk,
    pim: pim({ apiSecret: account.apiSecret, ownCloud: account.cloudName, api: cloudinaryApi(account) }),
    moderation,
    handler,
    decide,
    api: (timeoutMs?: number) => cloudinaryApi(account, timeoutMs === undefined ? {} : { timeoutMs }),
    /** As before every test: nothing recorded, nothing stored, nothing asked. */
    async reset() {
      configured(database.url, environment);
      await cloudinary.idle();
      await empty(db, "notifications", "moderation_decision", "operator_acts", "pim_asset", "pim_moderation");
      cloudinary.cloud.store.state.assets.length = 0;
      cloudinary.cloud.store.state.triggers.length = 0;
      await db.query("update pim_approval_reads set reads = 0");
      await db.query("update reconcile_position set stage = null, cursor = null, uploads_until = null");
      cloudinary.faults.clear();
      cloudinary.limit.set({ allowed: 500, remaining: 500 });
      instead.answer = null;
      calls.length = 0;
    },
    /** Puts an asset into Cloudinary, as if it had been uploaded; tells nobody. */
    put: (changed: Partial<Asset> = {}): Asset => {
      const asset = { ...localAsset(), serial: cloudinary.cloud.store.nextSerial(), ...changed };
      cloudinary.cloud.store.state.assets.push(asset);
      return asset;
    },
    /** From now on Cloudinary sends every notification to the front door. */
    listen(): void {
      sendEverythingTo(`${hook.url}/webhooks`, cloudinary);
    },
    /** Cloudinary's own notification: what it says of moderation is what Cloudinary holds. */
    tell(body: object): Promise<string> {
      hold(cloudinary.cloud.store.state.assets, body);
      return arrive(body, hook.url);
    },
    /** A body that somebody else signed, or one that is no longer true. */
    forge: (body: object) => arrive(body, hook.url),
    run,
    settle,
    deliveries,
    /** The ledger, oldest decision first. */
    async ledger() {
      const { rows } = await db.query<{
        kind: string;
        status: string;
        action: string;
        method: string | null;
        done: boolean;
      }>(
        `select kind, status, action, method, carried_out_at is not null as done from moderation_decision order by decided_at, kind`,
      );
      return rows;
    },
    async close() {
      vi.unstubAllEnvs();
      await hook.close();
      await cloudinary.close();
      await server.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export function settingsWith(changed: Partial<Settings["moderation"]>): Settings {
  return { ...ownSettings, moderation: { ...ownSettings.moderation, ...changed } };
}

/** As an operator does it in the console. */
export async function release(db: Db, deliveryId: string): Promise<void> {
  await db.query(
    `with acted as (insert into operator_acts (who, act, delivery_id) values ('ada', 'release', $1::uuid))
     update deliveries set state = 'due', due_at = now(), settled_at = null where id = $1::uuid and state = 'held'`,
    [deliveryId],
  );
}

/** Writes the decisions of a body into the asset that it names, the later one of each kind. */
function hold(assets: readonly Asset[], body: object): void {
  const said = notified.safeParse(body);
  if (!said.success) return;
  const { asset_id, public_id, version, moderation_kind, moderation_status, moderation_updated_at } =
    said.data;
  const asset = assets.find((one) =>
    asset_id === undefined ? one.public_id === public_id : one.asset_id === asset_id,
  );
  if (asset === undefined || (version !== undefined && asset.version !== version)) return;
  const own =
    moderation_kind && moderation_status
      ? [{ kind: moderation_kind, status: moderation_status, updated_at: moderation_updated_at }]
      : [];
  for (const { kind, status, updated_at } of [...(said.data.moderation ?? []), ...own]) {
    const held = asset.moderation.find((one) => one.kind === kind);
    const isOlder = (held?.updated_at ?? "") > (updated_at ?? "");
    const isStricter = held?.updated_at === updated_at && held?.status === "rejected";
    if (held && (isOlder || isStricter)) continue;
    // The emulator knows fewer words than Cloudinary may use; the receiver must bear them all.
    const written = { kind, status: status as Moderation["status"], ...(updated_at && { updated_at }) };
    if (held) Object.assign(held, written);
    else asset.moderation.push(written);
  }
}

const notified = z.looseObject({
  asset_id: z.string().optional(),
  public_id: z.string().optional(),
  version: z.number().optional(),
  moderation_kind: z.string().optional(),
  moderation_status: z.string().optional(),
  moderation_updated_at: z.string().optional(),
  moderation: z
    .array(z.object({ kind: z.string(), status: z.string(), updated_at: z.string().optional() }))
    .optional(),
});

/** What an `explicit` can change, as far as the receiver uses it. */
const changes = ["access_control", "moderation", "tags", "context", "eager"];

async function read(request: Request): Promise<CloudinaryCall> {
  const path = decodeURIComponent(new URL(request.url).pathname.replace(/^\/v1_1\/demo/, ""));
  const isForm = request.method === "POST" && request.headers.get("content-type")?.includes("form");
  const form = isForm ? await request.formData() : new URL(request.url).searchParams;
  const fields = Object.fromEntries([...form].map(([name, value]) => [name, String(value)]));
  if (request.headers.get("content-type") === "application/json")
    Object.assign(fields, JSON.parse(await request.text()));
  const asks = path.endsWith("/explicit") && !changes.some((name) => name in fields);
  return {
    line: `${asks ? "ask" : request.method} ${path}`,
    fields,
    api: request.headers.has("authorization") ? "admin" : "upload",
  };
}

/** A restricted video, as the emulator holds it. */
export function localAsset() {
  const at = "2025-10-09T08:55:23Z";
  return {
    ...restrictedVideo(),
    asset_id: hexId(),
    public_id: "clips/otters",
    version: 1_760_000_123,
    version_id: hexId(),
    etag: hexId(),
    created_at: at,
    uploaded_at: at,
  };
}
