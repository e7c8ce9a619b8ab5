import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import upload from "../../../netlify/functions/upload.ts";
import { readConfig } from "../../../src/config.ts";
import type { Config } from "../../../src/config.types.ts";
import { type Db, database } from "../../../src/lib/database/pool.ts";
import { drainChannel } from "../../../src/lib/polling/drain-channel.ts";
import { settings } from "../../../src/settings.ts";
import {
  apiKey,
  apiSecret,
  cloudName,
  type LocalStack,
  localStack,
} from "../../local/support/local-stack.ts";
import { plain } from "../../local/support/pixels.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { environment } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

const channel = "shop/live";
const hour = 3_600_000;
let stack: LocalStack;
let site: TestDatabase;
let config: Config;
let picture: Buffer;
/** How far the emulator's clock is behind: it signs a message when it hands it over. */
let agedMs = 0;

beforeAll(async () => {
  site = await realDatabase();
  picture = await plain(4, 4, "red");
  stack = await localStack({ now: () => Date.now() - agedMs });
  await stack.rest("POST", "triggers", {
    uri: `poll://${channel}`,
    uri_type: "poll",
    event_type: "all",
    additive: true,
  });
});
beforeEach(async () => {
  agedMs = 0;
  stack.cloudinary.faults.clear();
  stack.cloudinary.cloud.store.state.messages = [];
  await site.db.query("delete from notifications");
  await site.db.query("delete from refusals");
  const variables = {
    DATABASE_URL: site.url,
    CLOUDINARY_URL: `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(stack.url)}`,
  };
  environment(variables);
  const reading = readConfig(settings, "", variables);
  if (!reading.ok) throw new Error(reading.problems.join());
  config = reading.config;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  await stack.close();
  await site.drop();
});

function drain(changed: Partial<Parameters<typeof drainChannel>[0]> = {}) {
  const account = { cloudName, apiKey, apiSecret, uploadPrefix: stack.url };
  return drainChannel({ account, channel, config, settings, db: site.db, budgetMs: 50_000, ...changed });
}

const held = () => stack.cloudinary.cloud.store.state.messages;
/** What the emulator has claimed for somebody becomes visible again, as after `visibility_timeout`. */
const forgetClaims = () => {
  for (const message of held()) message.claimed = null;
};

interface Row {
  type: string;
  source: string;
  publicId: string;
  timesSeen: number;
  handlers: string[];
}
async function recorded(): Promise<Row[]> {
  const { rows } = await site.db.query<Row>(
    `select n.type, n.source, n.public_id as "publicId", n.times_seen as "timesSeen",
            array(select handler from deliveries d where d.notification_id = n.id order by handler) as handlers
     from notifications n order by n.public_id`,
  );
  return rows;
}

it("records the waiting messages in batches, with their deliveries, and acknowledges them", async () => {
  const names = Array.from({ length: 3 }, (_, n) => `polled-${n}`);
  for (const public_id of names) await stack.upload(picture, { public_id });
  expect(await drain()).toEqual({ recorded: 3, rejected: 0 });
  expect(await recorded()).toEqual(
    names.map((publicId) => ({
      type: "upload",
      source: "poll",
      publicId,
      timesSeen: 1,
      handlers: ["moderation", "pim"],
    })),
  );
  expect(held()).toEqual([]);
  expect(await drain()).toEqual({ recorded: 0, rejected: 0 });
});

it("recognises a notification that a hook received, and plans no delivery twice", async () => {
  await stack.upload(picture, { public_id: "twice" });
  const body = held()[0]?.body ?? "";
  const request = signedRequest(body, { path: "/webhooks/upload", secret: apiSecret });
  expect((await invoke(upload, request)).status).toBe(200);
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });
  expect(await recorded()).toMatchObject([
    { source: "webhook", timesSeen: 2, handlers: ["moderation", "pim"] },
  ]);
});

it("has its own limit for the age of a signature", async () => {
  await stack.upload(picture, { public_id: "old" });
  agedMs = 3 * hour;
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });

  agedMs = 0;
  await stack.upload(picture, { public_id: "older" });
  agedMs = settings.receive.polling.maxAgeSeconds * 1_000 + hour;
  expect(await drain()).toEqual({ recorded: 0, rejected: 1 });
  expect(await recorded()).toMatchObject([{ publicId: "old" }]);
  expect(held()).toHaveLength(1);
  const { rows } = await site.db.query("select reason, samples -> 0 ->> 'path' as path from refusals");
  expect(rows).toEqual([{ reason: "timestamp-too-old", path: "/poll/shop/live" }]);
});

it("neither records nor acknowledges a message with another secret, and records it once the secret is corrected", async () => {
  await stack.upload(picture, { public_id: "secret" });
  const secrets = [
    { name: "other", value: "another-secret-of-27-chars-", expiresAt: null, cloud: cloudName },
  ];
  expect(await drain({ config: { ...config, secrets } })).toEqual({ recorded: 0, rejected: 1 });
  expect(held()).toHaveLength(1);
  forgetClaims();
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });
  expect(held()).toEqual([]);
});

it("acknowledges nothing while the database is unavailable", async () => {
  await stack.upload(picture, { public_id: "away" });
  const nowhere = database({ url: "postgresql://u:p@127.0.0.1:1/none", max: 1, timeoutMs: 500 });
  expect(await drain({ db: nowhere })).toEqual({ recorded: 0, rejected: 0 });
  await nowhere.close();
  expect(held()).toHaveLength(1);
  forgetClaims();
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });
});

it("receives a message again as a repeat if its acknowledgement is lost", async () => {
  await stack.upload(picture, { public_id: "again" });
  stack.cloudinary.faults.add({ kind: "reset", match: "/messages/ack" });
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });
  expect(held()).toHaveLength(1);
  forgetClaims();
  await drain();
  expect(held()).toEqual([]);
  expect(await recorded()).toMatchObject([
    { publicId: "again", timesSeen: 2, handlers: ["moderation", "pim"] },
  ]);
});

it.each([
  { kind: "status", status: 429, headers: { "Retry-After": "60" } },
  { kind: "status", status: 403 },
  { kind: "reset" },
  { kind: "not-json" },
] as const)("survives %j, and the next sweep continues", async (fault) => {
  await stack.upload(picture, { public_id: "later" });
  stack.cloudinary.faults.add(fault);
  expect(await drain()).toEqual({ recorded: 0, rejected: 0 });
  expect(await drain()).toEqual({ recorded: 1, rejected: 0 });
});

it("stops in time although the clock is set back", async () => {
  for (let n = 0; n < 6; n += 1) await stack.upload(picture, { public_id: `clock-${n}` });
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  let queries = 0;
  const slow: Db = {
    ...site.db,
    query(text, params) {
      queries += 1;
      if (queries === 1) {
        vi.advanceTimersByTime(7_000);
        vi.setSystemTime(Date.now() - hour);
      }
      return site.db.query(text, params);
    },
  };
  // Four messages are in hand when the time is up; the others are for the next sweep.
  expect(await drain({ db: slow, budgetMs: 8_000 })).toEqual({ recorded: 4, rejected: 0 });
  vi.useRealTimers();
  expect(held()).toHaveLength(2);
});

it("stops in time when Cloudinary hangs", async () => {
  stack.cloudinary.faults.add({ kind: "hang" });
  const begun = Date.now();
  expect(await drain({ budgetMs: 2_300 })).toEqual({ recorded: 0, rejected: 0 });
  expect(Date.now() - begun).toBeLessThan(12_000); // Without a limit of its own, the call would wait for 15 s.
});
