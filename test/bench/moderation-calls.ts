import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { database } from "../../src/lib/database/pool.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import type { Handler } from "../../src/lib/deliveries/handler.ts";
import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { productPicture } from "../../src/local/samples.ts";
import { type Fetch, serve } from "../../src/local/server.ts";
import { settings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.types.ts";
import { decisionOn, uploadOf } from "../handlers/moderation/bodies.ts";
import { arrive } from "../support/deliveries.ts";
import { testSecret } from "../support/signed-request.ts";
import { benchServer } from "./server.ts";

const decisions = 20;
const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };

/** Half of the decisions publish, the other half delete. */
const deleting: Settings = {
  ...settings,
  moderation: {
    ...settings.moderation,
    rules: [
      {
        approved: { do: "publish", by: "access-control" },
        rejected: { do: "delete" },
        pending: { do: "nothing" },
        aborted: { do: "nothing" },
      },
    ],
  },
};

export interface Calls {
  upload: number;
  admin: number;
}

/** The calls of each part, for one decision. */
export interface Counted {
  named: Calls;
  silent: Calls;
  /** The pim handler about an approval of a visitor's upload, before and after the moderation handler confirmed it. */
  visitors: Calls;
  confirmed: Calls;
}

/** Cloudinary calls that one decision costs, counted in front of the local Cloudinary. */
async function count(): Promise<Counted> {
  const server = await benchServer();
  const dataDir = await mkdtemp(join(tmpdir(), "bench-moderation-"));
  const calls = { upload: 0, admin: 0 };
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  const site = await serve({ port: 0, fetch: (request) => fetch(request) });
  const cloudinary = await localCloudinary({ ...account, dataDir, baseUrl: site.url, retryDelaysMs: [] });
  fetch = async (request) => {
    calls[request.headers.has("authorization") ? "admin" : "upload"] += 1;
    return (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 });
  };
  Object.assign(process.env, {
    DATABASE_URL: server.url,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${testSecret}@demo?upload_prefix=${encodeURIComponent(site.url)}`,
  });
  const { log } = console;
  console.log = () => {}; // What is printed is the counts.
  // The SDK chooses between http and https when it is loaded, by the environment.
  const { moderation } = await import("../../src/handlers/moderation/handler.ts");
  const { pim } = await import("../../src/handlers/pim/handler.ts");
  const { cloudinaryApi } = await import("../../src/lib/cloudinary/api.ts");
  const { v2: sdk } = await import("cloudinary");
  const db = database({ url: server.url, max: 4, timeoutMs: 10_000 });
  const handler = moderation(account);
  const products = pim({ ownCloud: account.cloudName, api: cloudinaryApi(account) });

  async function decide(name: string): Promise<void> {
    await sdk.uploader.upload(`data:image/png;base64,${(await productPicture()).toString("base64")}`, {
      public_id: name,
      moderation: "manual",
      access_control: [{ access_type: "token" }],
    });
    const asset = cloudinary.cloud.store.state.assets.at(-1);
    if (asset === undefined) throw new Error("nothing was uploaded");
    const status = name.endsWith("0") ? "rejected" : "approved";
    const at = new Date().toISOString();
    asset.moderation = [{ kind: "manual", status, updated_at: at }];
    await arrive(uploadOf(asset, { access_control: asset.access_control }), "http://127.0.0.1");
    await arrive(decisionOn(asset, status, { kind: "manual", at }), "http://127.0.0.1");
  }

  async function callsOf(without: string[]): Promise<Calls> {
    await db.query("truncate notifications, moderation_decision cascade");
    for (let n = 0; n < decisions; n += 1) await decide(`clips/${without.length}-${n}-${n % 2}`);
    if (without.length > 0)
      cloudinary.faults.add({ kind: "without", fields: without, match: "explicit", times: 10_000 });
    const counted = await callsIn(handler);
    const { rows } = await db.query<{ done: number }>(
      "select count(*)::int as done from deliveries where state = 'done' and handler = 'moderation'",
    );
    if (rows[0]?.done !== decisions) throw new Error(`${rows[0]?.done} of ${decisions} were carried out`);
    return counted;
  }

  async function callsIn(one: Handler): Promise<Calls> {
    Object.assign(calls, { upload: 0, admin: 0 });
    await deliver({
      db,
      handlers: [one],
      settings: deleting,
      budgetMs: 60_000,
      handlerTimeoutMs: 15_000,
      secondLookMs: 0,
    });
    return { upload: calls.upload / decisions, admin: calls.admin / decisions };
  }

  /** The pim handler alone, about approved uploads of visitors. */
  async function callsForVisitors(folder: string, first: Handler[]): Promise<Calls> {
    await db.query("truncate notifications, moderation_decision cascade");
    for (let n = 0; n < decisions; n += 1) await decide(`${folder}/${n}-1`);
    await db.query("update notifications set by_public_hook = true where type = 'upload'");
    // The upload is handled long before somebody decides.
    const decision = "select id from notifications where type = 'moderation'";
    await db.query(
      `update deliveries set due_at = now() + interval '1 hour' where notification_id in (${decision})`,
    );
    await callsIn(products);
    await db.query("update deliveries set due_at = now() where state = 'due'");
    for (const one of first) await callsIn(one);
    const counted = await callsIn(products);
    const { rows } = await db.query<{ n: number }>(
      "select count(*)::int as n from pim_asset a where a.untrusted and not exists (select from pim_untrusted_asset u where u.asset_id = a.asset_id)",
    );
    await db.query("truncate pim_asset, pim_moderation cascade");
    if (rows[0]?.n !== decisions) throw new Error(`${rows[0]?.n} of ${decisions} approvals were confirmed`);
    return counted;
  }

  try {
    const named = await callsOf([]);
    const [visitors, confirmed] = [
      await callsForVisitors("visitors", []),
      await callsForVisitors("guests", [handler]),
    ];
    return { named, visitors, confirmed, silent: await callsOf(["moderation"]) };
  } finally {
    console.log = log;
    await Promise.all([cloudinary.close(), site.close(), db.close()]);
    await rm(dataDir, { recursive: true, force: true });
    await server.stop();
  }
}

console.log(JSON.stringify(await count()));
