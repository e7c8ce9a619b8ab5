import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(8, 6, "red");

beforeAll(async () => {
  stack = await localStack();
});
afterAll(() => stack.close());

async function trigger(settings: object) {
  const response = await stack.rest("POST", "triggers", settings);
  return { status: response.status, body: await response.json() };
}

afterEach(() => {
  stack.cloudinary.cloud.store.state.triggers = [];
});

describe("what is sent", () => {
  it("is raw JSON with Cloudinary's headers, signed as the SDK expects", async () => {
    const before = Math.floor(Date.now() / 1_000);
    await stack.upload(picture, { public_id: "signed", notification_url: `${stack.hook.url}/upload` });
    const [arrival] = await stack.arrived();
    expect(arrival).toMatchObject({ method: "POST", path: "/upload" });
    expect(arrival?.headers).toMatchObject({
      "user-agent": "Cloudinary",
      accept: "*/*",
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(arrival?.body ?? "")),
      "x-cld-timestamp": expect.stringMatching(/^\d{10}$/),
    });
    const timestamp = Number(arrival?.headers["x-cld-timestamp"]);
    expect(timestamp).toBeGreaterThanOrEqual(before);
    expect(timestamp).toBeLessThanOrEqual(Date.now() / 1_000);
    const options = { api_secret: apiSecret, signature_algorithm: "sha1" };
    expect(arrival?.headers["x-cld-signature"]).toBe(
      stack.utils.webhook_signature(arrival?.body ?? "", timestamp, options),
    );
  });

  it("can be signed with SHA-256", async () => {
    const other = await localStack({ algorithm: "sha256" });
    await other.rest("POST", "triggers", { uri: other.hook.url, event_type: "all" });
    const file = `data:image/png;base64,${picture.toString("base64")}`;
    expect((await other.rest("POST", "image/upload", { file })).status).toBe(200);
    const [arrival] = await other.arrived();
    await other.close();
    expect(arrival?.headers["x-cld-signature"]).toHaveLength(64);
    expect(arrival?.headers["x-cld-signature"]).toBe(
      stack.utils.webhook_signature(arrival?.body ?? "", Number(arrival?.headers["x-cld-timestamp"]), {
        api_secret: apiSecret,
        signature_algorithm: "sha256",
      }),
    );
  });

  it("has increasing times, regardless of the speed of events", async () => {
    const uploads = Array.from({ length: 20 }, (_, at) =>
      stack.upload(picture, { public_id: `fast-${at}`, notification_url: stack.hook.url }),
    );
    await Promise.all(uploads);
    const instants = (await stack.arrived()).map(({ json }) => JSON.stringify(json.notification_context));
    expect(new Set(instants).size).toBe(20);
  });

  it("contains the time, the user and the key", async () => {
    await stack.upload(picture, { public_id: "context", notification_url: stack.hook.url });
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({
      notification_context: {
        triggered_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        triggered_by: { source: "api", id: apiKey },
      },
      signature_key: apiKey,
    });
  });
});

describe("where it is sent", () => {
  const upload = (settings: object = {}) => stack.upload(picture, { public_id: "routed", ...settings });
  const paths = async () => (await stack.arrived()).map((arrival) => arrival.path).sort();

  it("goes to every global trigger for its type, and for all types", async () => {
    await trigger({ uri: `${stack.hook.url}/upload`, event_type: "upload" });
    await trigger({ uri: `${stack.hook.url}/all`, event_type: "all" });
    await trigger({ uri: `${stack.hook.url}/delete`, event_type: "delete" });
    await upload();
    expect(await paths()).toEqual(["/all", "/upload"]);
  });

  it("goes to the call's own URL instead, and also to additive triggers", async () => {
    await trigger({ uri: `${stack.hook.url}/global`, event_type: "upload" });
    await trigger({ uri: `${stack.hook.url}/additive`, event_type: "upload", additive: true });
    await upload({ notification_url: `${stack.hook.url}/call` });
    expect(await paths()).toEqual(["/additive", "/call"]);
  });

  it("goes to the preset's URL before the triggers, to the call's before the preset's", async () => {
    await trigger({ uri: `${stack.hook.url}/global`, event_type: "upload" });
    const preset = { name: "with-hook", notification_url: `${stack.hook.url}/preset` };
    await stack.api.create_upload_preset(preset);
    await upload({ upload_preset: "with-hook" });
    expect(await paths()).toEqual(["/preset"]);
    await upload({ upload_preset: "with-hook", notification_url: `${stack.hook.url}/call` });
    expect(await paths()).toEqual(["/call"]);
  });

  it("rejects a duplicate trigger with 409, and an unknown type", async () => {
    const one = { uri: `${stack.hook.url}/x`, event_type: "upload" };
    expect((await trigger(one)).status).toBe(201);
    expect((await trigger(one)).status).toBe(409);
    expect((await trigger({ ...one, event_type: "explicit" })).status).toBe(400);
  });

  it("sends no verifiable signature if the trigger requires EdDSA", async () => {
    await trigger({ uri: stack.hook.url, event_type: "upload", auth_scheme: "eddsa_v2" });
    await upload();
    const [arrival] = await stack.arrived();
    expect(arrival?.headers["x-cld-signature_v2"]).toBeDefined();
    expect(arrival?.headers["x-cld-signature"]).toBeUndefined();
  });
});

describe("a notification whose response is not 200", () => {
  it("is retried with the same body and a new signature until it gets 200", async () => {
    stack.hook.answers.push(503, 204);
    await stack.upload(picture, { public_id: "retried", notification_url: stack.hook.url });
    const arrivals = await stack.arrived();
    expect(arrivals).toHaveLength(3);
    expect(new Set(arrivals.map((arrival) => arrival.body)).size).toBe(1);
  });

  it("is abandoned after three more attempts", async () => {
    stack.hook.answers.push(500, 500, 500, 500, 500);
    await stack.upload(picture, { public_id: "given-up", notification_url: stack.hook.url });
    expect(await stack.arrived()).toHaveLength(4);
    stack.hook.answers.length = 0;
  });

  it("is also retried if the connection is refused", async () => {
    await stack.upload(picture, { public_id: "refused", notification_url: "http://127.0.0.1:9/" });
    await stack.arrived();
    const tries = stack.sent.filter((one) => one.url === "http://127.0.0.1:9/");
    expect(tries.map((one) => one.attempt)).toEqual([1, 2, 3, 4]);
    expect(tries[0]?.status).toMatch(/ECONNREFUSED/);
  });
});

it("is limited to four concurrent notifications", async () => {
  let release = (_status: number): void => undefined;
  const held = new Promise<number>((resolve) => {
    release = resolve;
  });
  stack.hook.answers.push(held, held, held, held);
  const uploads = Array.from({ length: 8 }, (_, at) =>
    stack.upload(picture, { public_id: `many-${at}`, notification_url: stack.hook.url }),
  );
  await Promise.all(uploads);
  await expect.poll(() => stack.hook.maxOpen()).toBe(4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  release(200);
  expect(await stack.arrived()).toHaveLength(8);
  expect(stack.hook.maxOpen()).toBe(4);
});

it("is sent again once if it was in flight at shutdown", async () => {
  const first = await localStack({ retryDelaysMs: [60_000] });
  first.hook.answers.push(new Promise(() => undefined));
  const file = `data:image/png;base64,${picture.toString("base64")}`;
  await first.rest("POST", "image/upload", { file, notification_url: first.hook.url });
  await expect.poll(() => first.hook.maxOpen()).toBe(1);
  const { dataDir } = first.cloudinary.cloud;
  await first.cloudinary.close();
  expect(first.hook.take()).toHaveLength(1);
  const second = await localCloudinary({ dataDir, cloudName, apiKey, apiSecret, baseUrl: first.url });
  await second.idle();
  expect(first.hook.take()).toHaveLength(1);
  await second.close();
  await first.close();
});

it("is sent after a restart if it was due", async () => {
  const first = await localStack({ delayMs: 60_000, retryDelaysMs: [60_000] });
  first.hook.answers.push(500);
  await stack.uploader.upload(`data:image/png;base64,${picture.toString("base64")}`, {
    public_id: "survivor",
    upload_prefix: first.url,
    notification_url: first.hook.url,
    moderation: "webpurify",
  });
  await expect.poll(() => first.sent.length).toBe(1);
  const { dataDir } = first.cloudinary.cloud;
  const due = first.cloudinary.cloud.store.state.jobs.map(({ job }) => job.kind).sort();
  expect(due).toEqual(["moderate", "notify"]);
  await first.close({ keepData: true });

  const later = () => Date.now() + 120_000;
  const options = { dataDir, cloudName, apiKey, apiSecret, baseUrl: first.url, now: later, log: sentLater };
  const sent: string[] = [];
  function sentLater(one: { body: string }): void {
    sent.push(JSON.parse(one.body).notification_type);
  }
  const second = await localCloudinary({ ...options, retryDelaysMs: [] });
  await second.idle();
  await second.close();
  expect(sent.sort()).toEqual(["moderation", "upload"]);
});
