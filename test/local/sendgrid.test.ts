import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import client from "@sendgrid/mail";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { localSendgrid } from "../../src/local/sendgrid/local-sendgrid.ts";
import { type LocalStack, localStack } from "./support/local-stack.ts";

const key = "SG.local-test-key";
let stack: LocalStack;

const from = "sender@example.com";
const good = { from, subject: "Hello", text: "plain words", html: "<b>rich</b> words" };

beforeAll(async () => {
  stack = await localStack({ sendgridApiKey: key });
  client.setApiKey(key);
  Reflect.get(client, "client").setDefaultRequest("baseUrl", `${stack.url}/`);
  client.setTimeout(60_000);
});
afterAll(() => stack.close());

beforeEach(async () => {
  await fetch(`${stack.url}/mailbox`, { method: "DELETE" });
});

const shown = z.object({ mails: z.array(z.looseObject({ id: z.string() })) });
const mailbox = async () => shown.parse(await (await fetch(`${stack.url}/mailbox.json`)).json()).mails;

const raw = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${stack.url}/v3/mail/send`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const wire = (changed: object = {}) => ({
  personalizations: [{ to: [{ email: "ann@example.com" }] }],
  from: { email: from },
  subject: "Hello",
  content: [{ type: "text/plain", value: "words" }],
  ...changed,
});

describe("a mail that is sent", () => {
  it("is accepted with 202 and a message id, once for each recipient", async () => {
    const to = ["ann@example.com", { email: "bob@example.com", name: "Bob" }];
    const [response] = await client.sendMultiple({ ...good, to, categories: ["eager"] });
    expect(response.statusCode).toBe(202);
    const messageId = response.headers["x-message-id"];
    expect(messageId).toMatch(/^[\w-]{22}$/);
    const mails = await mailbox();
    expect(mails).toHaveLength(2);
    expect(mails[1]).toMatchObject({
      messageId,
      from: { email: from },
      to: [{ email: "bob@example.com", name: "Bob" }],
      subject: "Hello",
      text: "plain words",
      html: "<b>rich</b> words",
      categories: ["eager"],
    });
    expect(new Set(mails.map((mail) => mail.id)).size).toBe(2);
  });

  it("uses the values of each personalization", async () => {
    const personalizations = [
      {
        to: [{ email: "ann@example.com" }],
        cc: [{ email: "cc@example.com" }],
        subject: "For Ann",
        custom_args: { event: "1" },
      },
      { to: [{ email: "bob@example.com" }], headers: { "X-Entity-Ref-ID": "42" } },
    ];
    expect((await raw(wire({ personalizations }))).status).toBe(202);
    expect(await mailbox()).toMatchObject([
      { subject: "For Ann", cc: [{ email: "cc@example.com" }], customArgs: { event: "1" } },
      { subject: "Hello", headers: { "X-Entity-Ref-ID": "42" } },
    ]);
  });

  it("gets 200 in sandbox mode, and is not delivered", async () => {
    const mailSettings = { sandboxMode: { enable: true } };
    const [response] = await client.send({ ...good, to: "ann@example.com", mailSettings });
    expect(response.statusCode).toBe(200);
    expect(await mailbox()).toEqual([]);
  });
});

describe("a rejected mail", () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ to: [{ email: `p${at}@example.com` }] }));
  const two = [
    { to: [{ email: "ann@example.com" }] },
    { to: [{ email: "x@example.com" }, { email: "not an address" }] },
  ];

  it.each([
    ["an address that is none", { personalizations: two }, "personalizations.1.to.1.email"],
    ["nobody to send to", { personalizations: [] }, "personalizations"],
    ["an empty to", { personalizations: [{ to: [] }] }, "personalizations.0.to"],
    ["1001 recipients", { personalizations: many(1_001) }, "personalizations"],
    [
      "the same person twice",
      { personalizations: [{ to: [{ email: "a@example.com" }], cc: [{ email: "A@example.com" }] }] },
      "personalizations.0",
    ],
    ["no sender", { from: undefined }, "from.email"],
    ["no subject", { subject: undefined }, "subject"],
    ["no content", { content: undefined }, "content"],
    ["empty content", { content: [{ type: "text/plain", value: "" }] }, "content.0.value"],
    [
      "HTML before text",
      {
        content: [
          { type: "text/html", value: "<p>" },
          { type: "text/plain", value: "p" },
        ],
      },
      "content",
    ],
    ["eleven categories", { categories: "abcdefghijk".split("") }, "categories"],
    ["a time next week", { send_at: Math.floor(Date.now() / 1_000) + 7 * 86_400 }, "send_at"],
  ])("for %s names the field", async (_, changed, field) => {
    const response = await raw(wire(changed));
    expect(response.status).toBe(400);
    const error = { field, message: expect.any(String), help: expect.stringContaining("sendgrid.com") };
    expect(await response.json()).toMatchObject({ errors: expect.arrayContaining([error]) });
    expect(await mailbox()).toEqual([]);
  });

  it("with 1000 recipients is accepted", async () => {
    expect((await raw(wire({ personalizations: many(1_000) }))).status).toBe(202);
    expect(await mailbox()).toHaveLength(1_000);
  });

  it("is not sent to the valid part of a list", async () => {
    expect((await raw(wire({ personalizations: two }))).status).toBe(400);
    expect(await mailbox()).toEqual([]);
  });

  it("is reported by the SDK as a ResponseError with the errors", async () => {
    await expect(client.send({ ...good, to: "nowhere" })).rejects.toMatchObject({
      code: 400,
      response: { body: { errors: [{ field: "personalizations.0.to.0.email" }] } },
    });
  });

  it("without or with another key is 401, not JSON is 400, another method 405", async () => {
    expect((await raw(wire(), { authorization: "" })).status).toBe(401);
    expect((await raw(wire(), { authorization: "Bearer SG.other" })).status).toBe(401);
    expect((await raw("{")).status).toBe(400);
    const get = await fetch(`${stack.url}/v3/mail/send`, { headers: { authorization: `Bearer ${key}` } });
    expect(get.status).toBe(405);
  });
});

describe("injected faults", () => {
  const fault = (settings: object) =>
    fetch(`${stack.url}/_control/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service: "sendgrid", ...settings }),
    });
  const send = () => client.send({ ...good, to: "ann@example.com" });

  it("429 contains the reset time, and sends nothing", async () => {
    await fault({ kind: "status", status: 429 });
    const failure = await send().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 429, response: { headers: { "x-ratelimit-remaining": "0" } } });
    const reset = Number(Reflect.get(Object(failure), "response").headers["x-ratelimit-reset"]);
    expect(reset - Date.now() / 1_000).toBeLessThan(3);
    expect(await mailbox()).toEqual([]);
    await send();
    expect(await mailbox()).toHaveLength(1);
  });

  it("500 as often as configured", async () => {
    await fault({ kind: "status", status: 500, times: 2 });
    await expect(send()).rejects.toMatchObject({ code: 500 });
    await expect(send()).rejects.toMatchObject({ code: 500 });
    await send();
  });

  it("a reset before the body means that nothing was sent; after the work, the mail is sent", async () => {
    await fault({ kind: "reset", when: "before-body" });
    await expect(send()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await mailbox()).toEqual([]);
    await fault({ kind: "reset", when: "after-work" });
    await expect(send()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await mailbox()).toHaveLength(1);
  });

  it("a hang ends with the caller's timeout; after the work, the mail is sent", async () => {
    // Long enough for the work, of which nothing tells the test before the call ends.
    client.setTimeout(500);
    await fault({ kind: "hang", when: "after-work" });
    await expect(send()).rejects.toMatchObject({ code: "ECONNABORTED" });
    client.setTimeout(60_000);
    expect(await mailbox()).toHaveLength(1);
  });

  it("a delay has no other effect", async () => {
    await fault({ kind: "delay", delayMs: 60 });
    const began = performance.now();
    await send();
    expect(performance.now() - began).toBeGreaterThan(55);
  });
});

it("keeps its mails across a restart", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "local-sendgrid-"));
  const request = () =>
    new Request("http://127.0.0.1/v3/mail/send", {
      method: "POST",
      headers: { authorization: "Bearer SG.any" },
      body: JSON.stringify(wire()),
    });
  const first = await localSendgrid({ dataDir });
  await Promise.all([first.fetch(request()), first.fetch(request())]);
  const second = await localSendgrid({ dataDir });
  expect(second.mailbox.list()).toEqual(first.mailbox.list());
  expect(second.mailbox.list()).toHaveLength(2);
  await rm(dataDir, { recursive: true });
});
