import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
/** How far the clock of the emulator is ahead: what it holds back is due when the test says so. */
let aheadMs = 0;
const picture = await plain(4, 4, "red");

beforeAll(async () => {
  stack = await localStack({ now: () => Date.now() + aheadMs });
  for (const uri of ["poll://orders/7", "poll://*"])
    await stack.rest("POST", "triggers", { uri, uri_type: "poll", event_type: "upload" });
});
afterAll(() => stack.close());

interface Message {
  receipt_handle: string;
  batch_id: string;
  payload: { public_id: string };
  signed_payload: string;
  signature: string;
  timestamp: string;
}

function messages(path: string, init: RequestInit = {}): Promise<Response> {
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`;
  return fetch(`${stack.url}/v2/notifications/${cloudName}/messages${path}`, {
    ...init,
    headers: { authorization, "content-type": "application/json" },
  });
}

async function poll(query: string): Promise<Message[] | undefined> {
  const answer = await messages(`?${query}`);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { messages?: Message[] }).messages;
}

const acknowledge = async (...receipt_handles: string[]) =>
  (await messages("/ack", { method: "POST", body: JSON.stringify({ receipt_handles }) })).json();

describe("polling", () => {
  it("returns exactly the signed bytes until they are acknowledged", async () => {
    await stack.upload(picture, { public_id: "polled" });
    const query = "channel=orders/7&visibility_timeout=60";
    const [message] = (await poll(query)) ?? [];
    if (message === undefined) throw new Error("no message");
    const body = Buffer.from(message.signed_payload, "base64url").toString();
    expect(JSON.parse(body)).toEqual(message.payload);
    expect(message.payload.public_id).toBe("polled");
    expect(message.timestamp).toMatch(/^\d{10}$/);
    const options = { api_secret: apiSecret, signature_algorithm: "sha1" };
    expect(message.signature).toBe(stack.utils.webhook_signature(body, Number(message.timestamp), options));

    // Claimed: nobody else gets it now, and the key is absent.
    expect(await poll(`${query}&wait_seconds=0`)).toBeUndefined();
    // Visible again, under a new handle, after the timeout, which ends while the call waits.
    aheadMs += 59_500;
    const [again] = (await poll(`${query}&wait_seconds=30`)) ?? [];
    expect(again?.signed_payload).toBe(message.signed_payload);
    expect(again?.receipt_handle).not.toBe(message.receipt_handle);
    expect(await acknowledge(again?.receipt_handle ?? "")).toEqual({ results: [{ status: "acked" }] });
    expect(await poll(`${query}&wait_seconds=1`)).toBeUndefined();
  });

  it("waits until a message arrives", async () => {
    const waiting = poll("channel=orders/7&wait_seconds=60");
    const begun = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await stack.upload(picture, { public_id: "awaited" });
    expect((await waiting)?.map((one) => one.payload.public_id)).toEqual(["awaited"]);
    expect(Date.now() - begun).toBeLessThan(50_000);
  });

  it("by batch finds the notifications of that batch's upload", async () => {
    await stack.rest("POST", "image/upload", {
      file: `data:image/png;base64,${picture.toString("base64")}`,
      public_id: "batched",
      batch_id: "batch-1",
    });
    expect(await poll("batch_id=batch-2&wait_seconds=0")).toBeUndefined();
    expect((await poll("batch_id=batch-1"))?.map((one) => one.batch_id)).toEqual(["batch-1"]);
  });

  it.each([
    "",
    "channel=a&batch_id=b",
    "channel=a&max_messages=0",
    "channel=a&wait_seconds=61",
    "channel=a&visibility_timeout=601",
  ])("refuses ?%s", async (query) => {
    expect((await messages(`?${query}`)).status).toBe(400);
  });

  it("needs the key and the secret", async () => {
    const answer = await fetch(`${stack.url}/v2/notifications/${cloudName}/messages?channel=a`);
    expect(answer.status).toBe(400);
  });
});

describe("triggers", () => {
  it("are webhooks, flows and polls, each with its own kind of URI", async () => {
    const create = (settings: object) =>
      stack.rest("POST", "triggers", { event_type: "delete", ...settings });
    expect((await create({ uri: "http://x.example/", uri_type: "poll" })).status).toBe(400);
    expect((await create({ uri: "poll://x" })).status).toBe(400);
    const flow = await create({ uri: "flow://cleanup", uri_type: "flow" });
    expect(flow.status).toBe(201);
    const { id } = (await flow.json()) as { id: string };
    expect(await (await stack.rest("POST", `triggers/${id}/test`, { sample_data: {} })).json()).toEqual({
      trigger_id: id,
      filter_present: false,
      filter_result: true,
    });
    const list = await (await stack.rest("GET", "triggers?event_type=delete")).json();
    expect(list).toMatchObject({ total: 1, triggers: [{ uri_type: "flow", uri: "flow://cleanup" }] });
  });

  it("with a JSONLogic filter get the matching events", async () => {
    const filter = { and: [{ "==": [{ var: "resource_type" }, "image"] }, { in: ["new", { var: "tags" }] }] };
    const settings = { uri: "poll://filtered", uri_type: "poll", event_type: "upload" };
    const created = await stack.rest("POST", "triggers", { ...settings, filter: JSON.stringify(filter) });
    const { id, filter_language } = (await created.json()) as { id: string; filter_language: string };
    expect(filter_language).toBe("jsonlogic");
    await stack.upload(picture, { public_id: "fits", tags: "new" });
    await stack.upload(picture, { public_id: "fits-not", tags: "old" });
    const texts = { public_id: "neither.txt", tags: "new", resource_type: "raw" };
    await stack.upload(Buffer.from("text"), texts);
    const got = await poll("channel=filtered&wait_seconds=0");
    expect(got?.map(({ payload }) => payload.public_id)).toEqual(["fits"]);

    const test = async (sample_data: object) =>
      (await stack.rest("POST", `triggers/${id}/test`, { sample_data })).json();
    const fits = { resource_type: "image", tags: ["new"] };
    expect(await test(fits)).toEqual({ trigger_id: id, filter_present: true, filter_result: true });
    expect(await test({ ...fits, tags: [] })).toMatchObject({ filter_result: false });
  });

  it.each([
    ["text", "resource_type == image"],
    ["a list", "[1]"],
    ["an operator that JSONLogic lacks", '{"method":["x","toString"]}'],
    ["such an operator further inside", '{"and":[true,{"constructor":[1]}]}'],
    ["two operators at once", '{"==":[1,1],"!=":[1,2]}'],
  ])("refuse %s as a filter", async (_, filter) => {
    const settings = { uri: "poll://x", uri_type: "poll", event_type: "delete", filter };
    expect((await stack.rest("POST", "triggers", settings)).status).toBe(400);
  });

  it("with a body template are not emulated", async () => {
    const settings = { uri: "poll://x", uri_type: "poll", event_type: "delete", payload_template: "{}" };
    expect((await stack.rest("POST", "triggers", settings)).status).toBe(501);
  });
});
