import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CloudinaryAccount } from "../../../src/config.types.ts";
import { readAccountSettings } from "../../../src/lib/cloudinary/account-settings.ts";
import { acknowledgeMessages, receiveMessages } from "../../../src/lib/cloudinary/messages.ts";
import {
  createUnsignedPreset,
  readPreset,
  removePreset,
  updatePreset,
} from "../../../src/lib/cloudinary/presets.ts";
import {
  createTrigger,
  listTriggers,
  removeTrigger,
  updateTrigger,
} from "../../../src/lib/cloudinary/triggers.ts";
import {
  apiKey,
  apiSecret,
  cloudName,
  type LocalStack,
  localStack,
} from "../../local/support/local-stack.ts";
import { plain } from "../../local/support/pixels.ts";

let stack: LocalStack;
let account: CloudinaryAccount;
beforeAll(async () => {
  stack = await localStack();
  account = { cloudName, apiKey, apiSecret, uploadPrefix: stack.url };
});
afterEach(() => stack.cloudinary.faults.clear());
afterAll(() => stack.close());

const hook = { uri: "https://hooks.example.com/webhooks", uriType: "webhook", eventType: "all" } as const;

describe("triggers", () => {
  it("are created, listed, moved and removed", async () => {
    const made = await createTrigger(account, { ...hook, additive: true, authScheme: "default" });
    expect(await listTriggers(account)).toMatchObject([
      { id: made.id, uri_type: "webhook", ...{ uri: hook.uri, event_type: "all" }, additive: true },
    ]);
    await updateTrigger(account, { id: made.id, newUri: "https://new.example.com/webhooks" });
    expect(await listTriggers(account)).toMatchObject([
      { id: made.id, uri: "https://new.example.com/webhooks", auth_scheme: "default" },
    ]);
    expect(await removeTrigger(account, made.id)).toBe(true);
    expect(await removeTrigger(account, made.id)).toBe(false);
    expect(await listTriggers(account)).toEqual([]);
  });
});

it("an upload preset is read, changed and removed, and its other settings are kept", async () => {
  expect(await readPreset(account, "a b/c")).toBeNull();
  const settings = { asset_folder: "visitors", moderation: "manual" };
  await createUnsignedPreset(account, { name: "a b/c", settings });
  await updatePreset(account, { name: "a b/c", settings: { moderation: "aws_rek" } });
  expect(await readPreset(account, "a b/c")).toMatchObject({
    unsigned: true,
    settings: { asset_folder: "visitors", moderation: "aws_rek" },
  });
  expect(await removePreset(account, "a b/c")).toBe(true);
  expect(await removePreset(account, "a b/c")).toBe(false);
});

it("account settings contain the folder mode, but no algorithm", async () => {
  expect(await readAccountSettings(account)).toEqual({ folderMode: "dynamic", signatureAlgorithm: null });
});

it("messages contain the exact bytes with their signature, until they are acknowledged", async () => {
  await createTrigger(account, { uri: "poll://a/b", uriType: "poll", eventType: "upload", additive: false });
  const terms = { channel: "a/b", max: 10, waitSeconds: 0, visibilitySeconds: 30 };
  expect(await receiveMessages(account, terms)).toEqual([]);
  await stack.upload(await plain(4, 4, "red"), { public_id: "grüße" });
  const [message, ...others] = await receiveMessages(account, { ...terms, waitSeconds: 20 });
  if (message === undefined) throw new Error("no message");
  expect(others).toEqual([]);
  const body = Buffer.from(message.body).toString();
  expect(JSON.parse(body)).toMatchObject({ notification_type: "upload", public_id: "grüße" });
  const signed = stack.utils.webhook_signature(body, Number(message.timestamp), {
    api_secret: apiSecret,
    signature_algorithm: "sha1",
  });
  expect(message.signature).toBe(signed);
  expect(await acknowledgeMessages(account, [message.receiptHandle, "of nobody"])).toBe(1);
});

describe("a call that fails", () => {
  it.each([
    [401, {}, "list triggers: Fault on request"],
    [403, {}, "list triggers: Fault on request"],
    [420, { "X-FeatureRateLimit-Reset": "Thu, 26 Nov 2099 10:00:00 GMT" }, "Rate Limit Exceeded"],
  ])("with %i says so, and when to come back where the answer says it", async (status, headers, words) => {
    stack.cloudinary.faults.add({ kind: "status", status, headers });
    const expected = Object.hasOwn(headers, "X-FeatureRateLimit-Reset") ? "2099-11-26T10:00:00.000Z" : null;
    const error = await listTriggers(account).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: "CloudinaryError", code: status });
    expect(error.message).toContain(words);
    expect(error.resetAt?.toISOString() ?? null).toBe(expected);
  });

  it("with 429 counts Retry-After from now", async () => {
    stack.cloudinary.faults.add({ kind: "status", status: 429, headers: { "Retry-After": "30" } });
    const before = Date.now();
    const error = await listTriggers(account).catch((thrown) => thrown);
    expect(error.resetAt.getTime()).toBeGreaterThan(before + 28_000);
    expect(error.resetAt.getTime()).toBeLessThan(Date.now() + 31_000);
  });

  it("without a response in time, or with a lost connection, has no code", async () => {
    // Each for a request of its own: the one that got no answer may reach the emulator after it was given up.
    stack.cloudinary.faults.add({ kind: "hang", match: "GET" });
    await expect(listTriggers(account, { timeoutMs: 100 })).rejects.toMatchObject({
      code: null,
      message: "list triggers: no answer within 100 ms",
    });
    stack.cloudinary.faults.add({ kind: "reset", match: "DELETE" });
    await expect(removeTrigger(account, "1")).rejects.toMatchObject({
      code: null,
      message: expect.stringContaining("remove trigger: the connection failed"),
    });
    stack.cloudinary.faults.add({ kind: "not-json", match: "POST" });
    const creating = createTrigger(account, { ...hook, additive: true, authScheme: "default" });
    await expect(creating).rejects.toMatchObject({ code: 200 });
  });

  it("rejects with the reason of the caller's signal, and sends nothing afterwards", async () => {
    stack.cloudinary.faults.add({ kind: "hang" });
    const stop = new AbortController();
    const listed = listTriggers(account, { signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(listed).rejects.toThrow("enough");
  });

  it("sends no key unencrypted to another machine, or to the target of a redirect", async () => {
    const plainHttp = { ...account, uploadPrefix: "http://203.0.113.9" };
    await expect(listTriggers(plainHttp)).rejects.toThrow("upload_prefix must begin with https://");
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const redirecting = { ...account, uploadPrefix: `http://127.0.0.1:${address.port}/` };
    await expect(listTriggers(redirecting)).rejects.toMatchObject({ code: 307 });
    expect(asked).toEqual([`/v1_1/${cloudName}/triggers`]);
    server.close();
    server.closeAllConnections();
  });

  it("never names the secret", async () => {
    const wrong = { ...account, apiSecret: "not-the-secret-of-this-account" };
    const error = await listTriggers(wrong).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 401 });
    expect(JSON.stringify(error) + error.message).not.toContain("not-the-secret");
  });
});
