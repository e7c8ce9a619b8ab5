import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import facesBackground from "../../../netlify/functions/faces-background.ts";
import notification from "../../../netlify/functions/notification.ts";
import { faces } from "../../../src/handlers/faces/handler.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";
import { nudgeHeaders } from "../../../src/lib/deliveries/nudge.ts";
import { readRekognition } from "../../../src/lib/shared/rekognition-variables.ts";
import { localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import { rekognitionVariables } from "../../../src/local/rekognition/local-account.ts";
import { localRekognition } from "../../../src/local/rekognition/local-rekognition.ts";
import { type Portrait, pictureOf, portraitOf } from "../../../src/local/rekognition/portrait.ts";
import { ConnectionReset, type Fetch, serve } from "../../../src/local/server.ts";
import { settings as ownSettings } from "../../../src/settings.ts";
import type { FacesSettings } from "../../../src/settings.types.ts";
import { operatorToken, vicToken } from "../../console/tokens.ts";
import { empty, realDatabase } from "../../support/databases.ts";
import { type DeliveryRow, makeDue, unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { sendEverythingTo } from "../../support/moderation.ts";
import { testSecret } from "../../support/signed-request.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
const awsKey = { accessKeyId: "LOCALKEY", secretAccessKey: "a-secret-for-the-local-rekognition" };

export type World = Awaited<ReturnType<typeof world>>;

/**
 * A receiver with a real database, the local Cloudinary and the local Rekognition behind real HTTP, and the handler on the real SDKs.
 * Cloudinary sends every notification, also those about the handler's own tags, to the front door.
 */
export async function world() {
  const database = await realDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "faces-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const cloudinary = await localCloudinary({
    ...account,
    dataDir,
    baseUrl: server.url,
    delayMs: 0,
    retryDelaysMs: [],
    rateLimit: 10_000,
  });
  const rekognition = await localRekognition({ key: awsKey, dataDir: null });
  /** The calls of the handler, and after which of them its process dies. */
  const calls: string[] = [];
  const crash = { after: Number.POSITIVE_INFINITY, isDead: false };
  /** What happens once while the handler waits for the answer to this call; the call itself has its effect before, or after. */
  const meanwhile = new Map<string, { effect: "before" | "after"; happens: () => Promise<unknown> }>();
  fetch = async (request) => {
    const line = lineOf(request);
    const isTests = request.headers.has("x-test");
    if (!isTests) {
      if (crash.isDead) throw new ConnectionReset("the process is gone");
      calls.push(line);
      if (calls.length > crash.after) crash.isDead = true;
    }
    const event = isTests ? undefined : meanwhile.get(line);
    if (event) meanwhile.delete(line);
    if (event?.effect === "after") await event.happens();
    const answer =
      (await cloudinary.fetch(request)) ??
      (await rekognition.fetch(request)) ??
      new Response(null, { status: 404 });
    if (event?.effect === "before") await event.happens();
    if (crash.isDead) throw new ConnectionReset("the process died while it waited for the answer");
    return answer;
  };
  const hook = await serve({ port: 0, fetch: (request) => invoke(notification, request) });
  const cloudinaryUrl = `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`;
  const variables = rekognitionVariables(server.url, awsKey);
  const operators = `${operatorToken} vic:viewer:${vicToken}`;
  const environment = { CLOUDINARY_URL: cloudinaryUrl, OPERATOR_TOKEN: operators, ...variables };
  configured(database.url, environment);
  const connection = readRekognition((name) => new Map(Object.entries(variables)).get(name));
  if (!connection) throw new Error("no connection to the local Rekognition");
  // The SDK chooses between http and https when it is loaded, by the environment.
  const { clientsOf, facesRekognition } = await import("../../../src/handlers/faces/work.ts");
  const { carryOutRemovals } = await import("../../../src/handlers/faces/removals.ts");
  const { continueRerun, requestRerun } = await import("../../../src/handlers/faces/rerun.ts");
  const { requestForgetting, forgettingOf } = await import("../../../src/handlers/faces/forget.ts");
  const { db } = database;
  const accounts = { connection, accounts: [account] };

  /** A process that died writes nothing more. */
  const mortal: Db = {
    query: (text, params) =>
      crash.isDead ? Promise.reject(new Error("the process is gone")) : db.query(text, params),
    close: () => db.close(),
  };
  const work = facesRekognition(accounts);
  const handlers: Handler[] = [
    faces(connection, { cloudName: "demo" }),
    { name: work.name, handle: (about, context) => work.handle(about, { ...context, db: mortal }) },
  ];

  /** Folders of visitors (`pim.untrusted`). */
  const visitors: string[] = [];

  function settingsWith(changed: Partial<FacesSettings>) {
    const pim = { ...ownSettings.pim, untrusted: visitors };
    return { ...ownSettings, pim, faces: { ...ownSettings.faces, ...changed } };
  }

  /** Delivers what is due, and removes what is queued, once. */
  async function round(changed: Partial<FacesSettings> = {}): Promise<void> {
    await cloudinary.idle();
    const settings = settingsWith(changed);
    await deliver({ db, handlers, settings, ...unhurried });
    await cloudinary.idle();
    const clients = clientsOf(accounts, settings.faces);
    if (typeof clients === "string") return;
    const endsAt = Date.now() + 20_000;
    await continueRerun(mortal, clients, { settings: settings.faces, endsAt });
    await carryOutRemovals(mortal, { ...clients, settings: settings.faces, endsAt });
    await cloudinary.idle();
  }

  return {
    db,
    cloudinary,
    rekognition,
    calls,
    crash,
    meanwhile,
    databaseUrl: database.url,
    visitors,
    url: server.url,
    cloudinaryUrl,
    /** What the handler called, without its looks at Cloudinary. */
    acts: () => calls.filter((line) => !/^(GET|look)/.test(line)),
    requestForgetting: (name: string) =>
      requestForgetting(db, name, { who: "ada", reason: "request 12", settings: ownSettings.faces }),
    forgettingOf: (id: string) => forgettingOf(db, id),
    /** Removes what is due at Rekognition and Cloudinary. */
    async removeDue(): Promise<void> {
      const clients = clientsOf(accounts, ownSettings.faces);
      if (typeof clients === "string") throw new Error(clients);
      await carryOutRemovals(mortal, {
        ...clients,
        settings: ownSettings.faces,
        endsAt: Date.now() + 20_000,
      });
    },
    requestRerun: (limit: number) => requestRerun(db, limit),
    round,
    /** Until neither Cloudinary nor the receiver has anything left to do. */
    async settle(changed: Partial<FacesSettings> = {}): Promise<DeliveryRow[]> {
      for (let rounds = 0; ; rounds += 1) {
        if (rounds > 25) throw new Error("the handler never has enough");
        await round(changed);
        const { rows } = await db.query<{ n: number }>(
          `select (select count(*) from deliveries where state = 'due' and handler like 'faces%')::int + (select count(*) from face_removals where tries < 3)::int
             + (select count(*) from face_pictures where rerun_at is not null)::int as n`,
        );
        if (rows[0]?.n === 0) break;
        await makeDue(db);
        await db.query("update face_removals set due_at = now() where tries < 3");
        await db.query(
          "update face_pictures set lease_until = null, rerun_at = now() where rerun_at is not null",
        );
      }
      const { rows } = await db.query<DeliveryRow>(
        "select * from deliveries where handler = 'faces:rekognition' order by created_at, id",
      );
      return rows;
    },
    /** Through the deployed function, with its own nudge. */
    background: () =>
      invoke(
        facesBackground,
        new Request("https://hooks.example.com/.netlify/functions/faces-background", {
          method: "POST",
          headers: nudgeHeaders([{ name: "main", value: testSecret, expiresAt: null, cloud: "demo" }]) ?? {},
        }),
      ),
    /** Uploads as a team does, by the official SDK's own request. */
    async upload(
      bytes: Buffer,
      options: Record<string, string>,
    ): Promise<{ assetId: string; publicId: string }> {
      const form = new FormData();
      form.set("file", new Blob([new Uint8Array(bytes)]), "picture.png");
      for (const [name, value] of Object.entries(options)) form.set(name, value);
      const answer = await rest("image/upload", form);
      return { assetId: String(answer.asset_id), publicId: String(answer.public_id) };
    },
    tag: (command: "add" | "remove", tag: string, publicId: string) =>
      rest("image/tags", formOf({ command, tag, "public_ids[]": publicId })),
    rename: (from: string, to: string) =>
      rest("image/rename", formOf({ from_public_id: from, to_public_id: to })),
    destroy: (publicId: string) => rest("image/destroy", formOf({ public_id: publicId })),
    async tagsOf(publicId: string): Promise<string[]> {
      const found = cloudinary.cloud.store.state.assets.find((asset) => asset.public_id === publicId);
      return [...(found?.tags ?? [])].sort();
    },
    async people() {
      const { rows } = await db.query<{ name: string; trained: boolean }>(
        "select name, user_id is not null as trained from face_people order by name",
      );
      return rows.map(({ name, trained }) => (trained ? name : `${name} (untrained)`));
    },
    async trainings() {
      const { rows } = await db.query<{ publicId: string; state: string; problem: string | null }>(
        `select public_id as "publicId", state, problem from face_trainings order by public_id`,
      );
      return rows.map(({ publicId, state, problem }) => `${publicId}: ${problem ?? state}`);
    },
    async facesIn(publicId: string): Promise<string[]> {
      const { rows } = await db.query<{ state: string; problem: string | null; faces: string[] | null }>(
        `select state, problem, (select array_agg(coalesce(p.name, face->>'outcome') order by place)
           from jsonb_array_elements(f.faces) with ordinality as s (face, place)
           left join face_people p on p.id::text = face->>'person') as faces
         from face_pictures f where public_id = $1`,
        [publicId],
      );
      const [row] = rows;
      if (!row) return ["not looked at"];
      return row.state === "unreadable" ? [row.problem ?? ""] : (row.faces ?? []);
    },
    /** What Rekognition holds. */
    held() {
      const [collection] = rekognition.collections.state;
      const { faces: indexed = [], users = [] } = collection ?? {};
      return {
        faces: indexed.length,
        users: users.length,
        associated: indexed.filter(({ userId }) => userId !== null).length,
      };
    },
    async reset(): Promise<void> {
      configured(database.url, environment);
      crash.after = Number.POSITIVE_INFINITY;
      crash.isDead = false;
      meanwhile.clear();
      await cloudinary.idle();
      await empty(
        db,
        "notifications",
        "operator_acts",
        "face_people",
        "face_trainings",
        "face_pictures",
        "face_tags",
        "face_forgettings",
        "face_removals",
      );
      cloudinary.cloud.store.state.assets.length = 0;
      cloudinary.cloud.store.state.triggers.length = 0;
      cloudinary.cloud.folderMode = "dynamic";
      cloudinary.faults.clear();
      rekognition.faults.clear();
      rekognition.collections.state.length = 0;
      sendEverythingTo(`${hook.url}/webhooks`, cloudinary);
      calls.length = 0;
    },
    async close(): Promise<void> {
      vi.unstubAllEnvs();
      await hook.close();
      await cloudinary.close();
      await server.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };

  async function rest(path: string, form: FormData): Promise<Record<string, unknown>> {
    const response = await globalThis.fetch(`${server.url}/v1_1/demo/${path}`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${account.apiKey}:${account.apiSecret}`).toString("base64")}`,
        "x-test": "true",
      },
      body: form,
    });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return Object(await response.json());
  }
}

function formOf(fields: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}

function lineOf(request: Request): string {
  const operation = request.headers.get("x-amz-target")?.split(".")[1];
  const { pathname } = new URL(request.url);
  if (operation) return operation;
  if (pathname.endsWith("/explicit")) return "look";
  return `${request.method} ${pathname.replace(/^\/(v1_1\/)?demo\//, "")}`;
}

export const portrait = portraitOf;

/** People side by side, each with a face of this width. */
export function group(people: readonly (string | Partial<Portrait>)[], width = 100): Promise<Buffer> {
  const portraits = people.map((who, at) => ({
    person: "",
    left: 60 + at * width * 2,
    top: 60,
    width,
    ...(typeof who === "string" ? { person: who } : who),
  }));
  return pictureOf(portraits, { width: 120 + people.length * width * 2, height: 120 + width * 2 });
}
