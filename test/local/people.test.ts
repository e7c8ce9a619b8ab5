import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;

beforeAll(async () => {
  stack = await localStack();
  await stack.rest("POST", "triggers", { uri: stack.hook.url, event_type: "all" });
});
afterAll(() => stack.close());

const page = async (path: string) => {
  const response = await fetch(`${stack.url}${path}`);
  return { status: response.status, headers: response.headers, html: await response.text() };
};

const post = (path: string, form: Record<string, string | Blob>, origin = stack.url) => {
  const body = new FormData();
  for (const [name, value] of Object.entries(form)) body.append(name, value);
  return fetch(`${stack.url}${path}`, { method: "POST", body, headers: { origin }, redirect: "manual" });
};

describe("F1: the Media Library", () => {
  it("uploads and deletes a file, and the global trigger gets both notifications, with the user as cause", async () => {
    const file = new File([new Uint8Array(await plain(5, 5, "red"))], "vase.png");
    expect((await post("/library/upload", { file, public_id: "by/hand", tags: "a,b" })).status).toBe(303);
    const [uploaded] = await stack.arrived();
    expect(uploaded?.json).toMatchObject({
      notification_type: "upload",
      public_id: "by/hand",
      tags: ["a", "b"],
      notification_context: { triggered_by: { source: "ui" } },
    });
    expect((await page("/library")).html).toContain("by/hand");
    const asset_id = String(uploaded?.json.asset_id);
    expect((await post("/library/delete", { asset_id })).status).toBe(303);
    const [deleted] = await stack.arrived();
    expect(deleted?.json).toMatchObject({
      notification_type: "delete",
      resources: [{ asset_id }],
      notification_context: { triggered_by: { source: "ui" } },
    });
    expect((await post("/library/delete", { asset_id })).status).toBe(404);
  });

  it("lets a person approve a pending asset", async () => {
    const { asset_id } = await stack.upload(await plain(5, 5, "red"), {
      public_id: "waits",
      moderation: "manual",
    });
    await stack.arrived();
    expect((await page("/library")).html).toContain("/library/approve");
    await post("/library/approve", { asset_id });
    expect((await page("/library")).html).not.toContain("/library/approve");
    const [decided] = await stack.arrived();
    expect(decided?.json).toMatchObject({ notification_type: "moderation", moderation_status: "approved" });
  });

  it("shows restricted assets to the user", async () => {
    const closed = { public_id: "closed", access_control: [{ access_type: "token" }] };
    const picture = await plain(5, 5, "red");
    const { asset_id, secure_url } = await stack.upload(picture, closed);
    expect((await fetch(secure_url)).status).toBe(401);
    const shown = await fetch(`${stack.url}/library/files/${asset_id}`);
    expect(Buffer.from(await shown.arrayBuffer())).toEqual(picture);
    await stack.arrived();
  });

  it("rejects forms of other sites, and shows malicious names as text", async () => {
    const { asset_id } = await stack.upload(await plain(5, 5, "red"), {
      public_id: "hostile",
      tags: ["<script>alert(1)</script>"],
    });
    const response = await post("/library/delete", { asset_id }, "https://evil.example");
    expect(response.status).toBe(403);
    expect(await stack.api.resource("hostile")).toMatchObject({ asset_id });
    const { html, headers } = await page("/library");
    expect(html).toContain("&#60;script&#62;alert");
    expect(html).not.toContain("<script>alert");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  });
});

it("the library shows a deleted asset with a backup as such, without a picture", async () => {
  await stack.upload(await plain(4, 4, "red"), { public_id: "gone", backup: true });
  const { asset_id } = await stack.api.resource("gone");
  expect((await fetch(`${stack.url}/library/files/${asset_id}`)).status).toBe(200);
  await stack.uploader.destroy("gone");
  expect((await fetch(`${stack.url}/library/files/${asset_id}`)).status).toBe(404);
  expect((await page("/library")).html).toContain("its backup can be restored");
  await stack.arrived();
});

describe("the mailbox", () => {
  const send = (subject: string, html: string) =>
    fetch(`${stack.url}/v3/mail/send`, {
      method: "POST",
      headers: { authorization: "Bearer SG.any" },
      body: JSON.stringify({
        personalizations: [{ to: [{ email: "ann@example.com" }] }],
        from: { email: "s@example.com" },
        subject,
        content: [{ type: "text/html", value: html }],
      }),
    });

  it("lists mails, opens one, and serves its HTML as sent but inert", async () => {
    expect((await page("/mailbox")).html).toContain("No mail yet");
    const body = '<p>Hello <img src="http://127.0.0.1/x.png"></p><script>alert(1)</script>';
    await send("A <b>bold</b> subject", body);
    const list = await page("/mailbox");
    expect(list.html).toContain("A &#60;b&#62;bold");
    const [, link = ""] = /href="(\/mailbox\/[^"]+)"/.exec(list.html) ?? [];
    const mail = await page(link);
    expect(mail.html).toContain("ann@example.com");
    expect(mail.html).toContain(`<iframe sandbox src="${link}.html"`);
    const sent = await page(`${link}.html`);
    expect(sent.html).toBe(body);
    expect(sent.headers.get("content-security-policy")).toMatch(/^sandbox; default-src 'none'/);
    expect((await page(`${link}.json`)).headers.get("content-type")).toContain("application/json");
    expect((await page("/mailbox/nothing")).status).toBe(404);
  });
});

describe("F7: the upload widget", () => {
  it("serves a page and a script with the real widget's functions", async () => {
    const { html } = await page("/widget");
    expect(html).toContain('<script src="/widget.js">');
    expect(html).toContain("track-with-webhook");
    const script = await page("/widget.js");
    expect(script.headers.get("content-type")).toContain("javascript");
    expect(script.html).toContain("createUploadWidget");
    expect((await page("/widget-page.js")).status).toBe(200);
  });
});

describe("protected pages", () => {
  it("reject a foreign host name that resolves to this machine", async () => {
    const { request } = await import("node:http");
    const status = (path: string) =>
      new Promise((resolve, reject) => {
        const { port } = new URL(stack.url);
        request({ host: "127.0.0.1", port, path, headers: { host: "evil.example" } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on("error", reject)
          .end();
      });
    for (const path of ["/library", "/mailbox", "/mailbox.json", "/_control/status"])
      expect(await status(path)).toBe(421);
  });

  it("controls accept only JSON", async () => {
    const response = await fetch(`${stack.url}/_control/faults`, { method: "POST", body: "{}" });
    expect(response.status).toBe(415);
  });

  it("lists due and sent notifications", async () => {
    await stack.arrived();
    expect(await (await fetch(`${stack.url}/_control/status`)).json()).toMatchObject({ due: 0 });
    const last = { url: stack.hook.url, status: 200, attempt: 1 };
    expect(await (await fetch(`${stack.url}/_control/notifications`)).json()).toMatchObject({
      notifications: expect.arrayContaining([expect.objectContaining(last)]),
    });
  });
});
