import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { channelOf } from "../../../src/cli/listen/channel.ts";
import { describeEvent, type ListenEvent } from "../../../src/cli/listen/events.ts";
import { type ListenOptions, listen } from "../../../src/cli/listen/listen.ts";
import { serve } from "../../../src/local/server.ts";
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
import { freePort } from "../../support/free-port.ts";
import type { loopbackReceiver } from "../../support/loopback-receiver.ts";
import { projectFolder } from "../../support/project-folder.ts";
import { run, start } from "../../support/run.ts";

const channel = "webhooks-listen/test/folder-12345678";
let stack: LocalStack;
let site: TestDatabase;
let receiver: Awaited<ReturnType<typeof loopbackReceiver>>;
let picture: Buffer;
/** How far Cloudinary's clock is ahead: a message is visible again when the test says so. */
let aheadMs = 0;
let listening: { stop(): Promise<void> }[];

const account = () => ({ cloudName, apiKey, apiSecret, uploadPrefix: stack.url });
const secretIs = (secret: string) =>
  environment({
    DATABASE_URL: site.url,
    CLOUDINARY_URL: `cloudinary://${apiKey}:${secret}@${cloudName}?upload_prefix=${encodeURIComponent(stack.url)}`,
  });

beforeAll(async () => {
  site = await realDatabase();
  picture = await plain(4, 4, "red");
  stack = await localStack({ now: () => Date.now() + aheadMs });
  secretIs(apiSecret);
  // The functions load the SDK, which reads the variable once: after the emulator has set it.
  receiver = await (await import("../../support/loopback-receiver.ts")).loopbackReceiver();
});
beforeEach(async () => {
  await receiver.idle();
  listening = [];
  secretIs(apiSecret);
  stack.cloudinary.faults.clear();
  stack.cloudinary.cloud.store.state.messages = [];
  stack.cloudinary.cloud.store.state.triggers = [];
  await site.db.query("delete from notifications");
});
afterEach(async () => {
  for (const one of listening) await one.stop();
});
afterAll(async () => {
  await receiver.close();
  vi.unstubAllEnvs();
  await stack.close();
  await site.drop();
});

/** A listener in this process, and what it told so far. */
function listener(changed: Partial<ListenOptions> = {}) {
  const told: ListenEvent[] = [];
  const stopping = new AbortController();
  const ended = listen({
    account: account(),
    url: receiver.url,
    channel,
    tell: (event) => told.push(event),
    signal: stopping.signal,
    ...changed,
    timing: { waitSeconds: 2, visibilitySeconds: 2, idleMs: 50, pausesMs: [50, 100], ...changed.timing },
  });
  ended.catch(() => undefined);
  const all = (event: ListenEvent["event"]) => told.filter((one) => one.event === event);
  const one = {
    told,
    ended,
    all,
    /** Waits until it has told so many events of a kind. */
    async tells(event: ListenEvent["event"], count = 1): Promise<ListenEvent[]> {
      for (const until = Date.now() + 60_000; all(event).length < count; await sleep(20))
        if (Date.now() > until) throw new Error(`${event}: ${JSON.stringify(told)}`);
      return all(event);
    },
    async stop(): Promise<void> {
      stopping.abort();
      await ended.catch(() => undefined);
    },
  };
  listening.push(one);
  return one;
}

const held = () => stack.cloudinary.cloud.store.state.messages;
const triggers = () => stack.cloudinary.cloud.store.state.triggers;
const upload = (public_id: string) => stack.upload(picture, { public_id });
async function eventually(holds: () => boolean): Promise<void> {
  for (const until = Date.now() + 60_000; !holds(); await sleep(20))
    if (Date.now() > until) throw new Error(holds.toString());
}

interface Row {
  publicId: string;
  body: Buffer;
  timesSeen: number;
  unexpectedFor: string | null;
}
async function recorded(): Promise<Row[]> {
  const { rows } = await site.db.query<Row>(
    `select public_id as "publicId", body, times_seen as "timesSeen", unexpected_for as "unexpectedFor"
     from notifications order by received_at`,
  );
  return rows;
}

describe("a listener", () => {
  it("hands every byte to the hook of its type, acknowledges what is recorded, and takes its trigger away", async () => {
    // The hook loads with this message, so it may take longer than the others to be acknowledged.
    const one = listener({ timing: { visibilitySeconds: 30 } });
    await one.tells("listening");
    expect(triggers()).toMatchObject([{ uri: `poll://${channel}`, event_type: "all", additive: true }]);
    // Also where the call names a URL of its own.
    await stack.upload(picture, { public_id: "grüße", notification_url: `${stack.hook.url}/own` });
    const [event] = await one.tells("recorded");
    const [row] = await recorded();
    const [sent] = (await stack.arrived()).map(({ body }) => body);
    expect(row).toMatchObject({ publicId: "grüße", timesSeen: 1, unexpectedFor: null });
    expect(row?.body.toString()).toBe(sent);
    expect(event).toMatchObject({ type: "upload", publicId: "grüße", timesSeen: 1 });
    expect(describeEvent(event as ListenEvent)).toMatch(
      /^\d\d:\d\d:\d\d {2}upload {2}grüße {2}.*recorded.* as /,
    );
    await eventually(() => held().length === 0);
    await one.stop();
    expect(one.told.at(-1)).toEqual({ event: "stopped", removed: true, rejected: 0, problem: null });
    expect(triggers()).toEqual([]);
  });

  it("finds the trigger of one that was killed, and hands over what was kept meanwhile", async () => {
    await stack.rest("POST", "triggers", { uri: `poll://${channel}`, uri_type: "poll", event_type: "all" });
    await upload("meanwhile");
    const one = listener();
    expect(await one.tells("listening")).toMatchObject([{ found: true }]);
    expect(await one.tells("recorded")).toMatchObject([{ publicId: "meanwhile" }]);
    expect(triggers()).toHaveLength(1);
  });

  it("creates its trigger again when somebody removed it", async () => {
    const one = listener({ timing: { checkEveryMs: 100, waitSeconds: 0 } });
    await one.tells("listening");
    stack.cloudinary.cloud.store.state.triggers = [];
    await one.tells("created-again");
    expect(triggers()).toHaveLength(1);
  });
});

describe("while the receiver", () => {
  it("is away it acknowledges nothing; what was sent arrives once it is back, after its visibility too", async () => {
    const port = await freePort();
    const one = listener({ url: `http://127.0.0.1:${port}` });
    await one.tells("listening");
    await upload("patient");
    await one.tells("waiting");
    await sleep(2_500); // Longer than the message is claimed for.
    expect(held()).toHaveLength(1);
    expect(one.all("waiting")).toHaveLength(1);
    const back = await serve({
      port,
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        const body = await request.arrayBuffer();
        return fetch(`${receiver.url}${pathname}`, { method: "POST", headers: copied(request), body });
      },
    });
    expect(await one.tells("recorded")).toMatchObject([{ publicId: "patient" }]);
    expect(one.all("answering")).toEqual([{ event: "answering", by: "the receiver" }]);
    await eventually(() => held().length === 0);
    await one.stop();
    await back.close();
  });

  it("rejects a message, it says why once, keeps it and leaves it alone", async () => {
    secretIs("another-secret-of-27-chars-");
    const one = listener({ timing: { visibilitySeconds: 60, waitSeconds: 0 } });
    await one.tells("listening");
    await upload("rejected");
    expect(await one.tells("rejected")).toMatchObject([
      { type: "upload", status: 401, reason: "signature-mismatch", publicId: "rejected" },
    ]);
    // Once it is fetched a third time, the listener has seen it again.
    for (const _ of ["second", "third"]) {
      const before = held()[0]?.claimed?.handle;
      aheadMs += 60_000;
      await eventually(() => held()[0]?.claimed?.handle !== before);
    }
    expect(one.all("rejected")).toHaveLength(1);
    expect(held()).toHaveLength(1);
  });

  it("rejected a message, it tries it again when that may help", async () => {
    secretIs("another-secret-of-27-chars-");
    const one = listener({ timing: { rejectedMs: 100, visibilitySeconds: 1 } });
    await one.tells("listening");
    await upload("rejected");
    await one.tells("rejected");
    secretIs(apiSecret);
    expect(await one.tells("recorded")).toMatchObject([{ publicId: "rejected" }]);
    await eventually(() => held().length === 0);
  });
});

describe("while Cloudinary", () => {
  it("limits calls, loses connections or answers nonsense, it waits and goes on", async () => {
    const match = "GET /v2/notifications";
    stack.cloudinary.faults.add({
      kind: "reset",
      match: "POST /v1_1/local-test/triggers",
      when: "after-work",
    });
    stack.cloudinary.faults.add({ kind: "status", status: 429, headers: { "Retry-After": "1" }, match });
    stack.cloudinary.faults.add({ kind: "reset", match });
    stack.cloudinary.faults.add({ kind: "not-json", match });
    stack.cloudinary.faults.add({ kind: "status", status: 503, match });
    const one = listener();
    await one.tells("listening");
    await upload("through");
    expect(await one.tells("recorded")).toMatchObject([{ publicId: "through" }]);
    expect(one.all("waiting")).toHaveLength(5);
    expect(one.all("waiting")[1]).toMatchObject({ for: "Cloudinary", seconds: 1 });
    // The trigger whose answer was lost was found, not made twice.
    expect(triggers()).toHaveLength(1);
  });

  it("names a time far away, it waits, and does not call in a loop", async () => {
    const headers = { "X-FeatureRateLimit-Reset": "Thu, 26 Nov 2099 10:00:00 GMT" };
    stack.cloudinary.faults.add({ kind: "status", status: 420, headers, times: 50 });
    const one = listener();
    expect(await one.tells("waiting")).toMatchObject([{ for: "Cloudinary", seconds: 3_600 }]);
    await sleep(300);
    expect(one.all("waiting")).toHaveLength(1);
    stack.cloudinary.faults.clear();
    await one.stop(); // Ends the wait.
  });

  it("loses an acknowledgement, the message comes again as a repeat and is acknowledged then", async () => {
    stack.cloudinary.faults.add({ kind: "reset", match: "/messages/ack" });
    const one = listener({ timing: { visibilitySeconds: 1 } });
    await one.tells("listening");
    await upload("again");
    await one.tells("not-acknowledged");
    const [first, second] = await one.tells("recorded", 2);
    expect([first, second]).toMatchObject([{ timesSeen: 1 }, { timesSeen: 2 }]);
    await eventually(() => held().length === 0);
    // Once more for each time that its second passed before it was acknowledged.
    const timesSeen = one.all("recorded").length;
    expect(await recorded()).toMatchObject([{ publicId: "again", timesSeen }]);
  });

  it.each([
    [401, "POST /v1_1/local-test/triggers", "The key, the secret or the cloud name"],
    [403, "GET /v2/notifications", "not available in this account"],
    [404, "GET /v2/notifications", "not available in this account"],
    [400, "POST /v1_1/local-test/triggers", "Perhaps this account does not have polling."],
  ])("answers %i to %s, it ends, says why, and leaves no trigger", async (status, match, words) => {
    stack.cloudinary.faults.add({ kind: "status", status, match });
    const one = listener();
    await expect(one.ended).rejects.toThrow(words);
    expect(triggers()).toEqual([]);
  });

  it("does not answer at the end, it says that the trigger is left", async () => {
    const one = listener();
    await one.tells("listening");
    stack.cloudinary.faults.add({ kind: "status", status: 500, match: "DELETE /v1_1/local-test/triggers" });
    await one.stop();
    expect(one.told.at(-1)).toMatchObject({ event: "stopped", removed: false });
    expect(triggers()).toHaveLength(1);
  });
});

describe("the channel", () => {
  it.each([
    [
      "Adas-MacBook.local",
      "/home/ada/cloudinary-webhooks",
      /^webhooks-listen\/adas-macbook-local\/cloudinary-webhooks-[0-9a-f]{8}$/,
    ],
    ["büro pc", "C:\\Projekte\\Größe & Maß?", /^webhooks-listen\/buro-pc\/gro-e-ma-[0-9a-f]{8}$/],
    ["端末", "/プロジェクト/", /^webhooks-listen\/machine\/folder-[0-9a-f]{8}$/],
    ["x".repeat(300), `/${"y/".repeat(300)}`, /^webhooks-listen\/x{40}\/y-[0-9a-f]{8}$/],
  ])("of %s and %s fits a URI", (machine, folder, expected) => {
    const name = channelOf(machine, folder);
    expect(name).toMatch(expected);
    expect(new URL(`poll://${name}`).href).toBe(`poll://${name}`);
    expect(channelOf(machine, `${folder}2`)).not.toBe(name);
  });
});

describe("the command", () => {
  it("listens until Ctrl-C, in JSON one line an event, and ends with 0", async () => {
    const project = await projectFolder();
    const env = {
      CLOUDINARY_URL: `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(stack.url)}`,
    };
    const none = await run(project.path, ["src/cli/main.ts", "listen"], env);
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("No receiver is running") });
    const command = ["src/cli/main.ts", "listen", "--url", receiver.url, "--json"];
    const { child, says, ended } = start(project.path, command, env);
    await says('"event":"listening"', 60_000);
    expect(triggers()).toMatchObject([{ uri: `poll://${channelOf(hostname(), project.path)}` }]);
    await upload("by-command");
    await says('"event":"recorded"', 60_000);
    await eventually(() => held().length === 0);

    // With a trigger of setup's for the same receiver it comes twice, and is recorded once.
    const setup = ["src/cli/main.ts", "setup", "--url", receiver.url, "--no-preset", "--yes"];
    expect((await run(project.path, setup, env)).code).toBe(0);
    await upload("both-ways");
    await eventually(() => held().length === 0);
    await stack.arrived();
    expect(await recorded()).toMatchObject([
      { publicId: "by-command", timesSeen: 1 },
      { publicId: "both-ways", timesSeen: 2 },
    ]);
    child.kill("SIGINT");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ event }) => event)).toEqual(["listening", "recorded", "recorded", "stopped"]);
    expect(triggers()).toMatchObject([{ uri: `${receiver.url}/webhooks` }]);
    await project.remove();
  });
});

const copied = (request: Request): Record<string, string> =>
  Object.fromEntries(
    ["content-type", "x-cld-timestamp", "x-cld-signature"].map((name) => [
      name,
      request.headers.get(name) ?? "",
    ]),
  );
