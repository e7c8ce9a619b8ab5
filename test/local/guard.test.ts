import { createServer, request, type Server } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Serving, serve } from "../../src/local/server.ts";
import { browser, hasBrowser } from "../support/browser.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
let other: { url: string; asked: string[]; server: Server };
const ownPage = "http://localhost:5173";
const picture = await plain(20, 10, "#336699");
const secret = "the-other-service's-secret";

beforeAll(async () => {
  stack = await localStack({ origins: [ownPage], fetchLimits: { ms: 60_000, bytes: 200_000 } });
  await stack.api.create_upload_preset({ name: "open", unsigned: true });
  other = await otherService();
});
afterAll(async () => {
  other.server.closeAllConnections();
  other.server.close();
  await stack.close();
});

/** Another program on the developer's machine. */
async function otherService() {
  const asked: string[] = [];
  const server = createServer((incoming, answer) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
    asked.push(pathname);
    if (pathname === "/private") answer.end(secret);
    else if (pathname === "/picture.png") answer.end(picture);
    else if (pathname === "/to") answer.writeHead(302, { location: searchParams.get("url") ?? "" }).end();
    else if (pathname === "/large") answer.end(Buffer.alloc(200_001));
    else if (pathname === "/slow") answer.write("<svg");
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, asked, server };
}

/** By node:http, which sends any Host and Origin that it is told. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET") {
  const { port } = new URL(stack.url);
  return new Promise<{ status: number; text: string; allowed: unknown }>((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, method, headers }, async (response) => {
      let text = "";
      for await (const chunk of response) text += chunk;
      const allowed = response.headers["access-control-allow-origin"];
      resolve({ status: response.statusCode ?? 0, text, allowed });
    })
      .on("error", reject)
      .end();
  });
}

const unsigned = async (file: string) => {
  const body = new URLSearchParams({ file, upload_preset: "open" });
  const answer = await fetch(`${stack.url}/v1_1/${cloudName}/auto/upload`, { method: "POST", body });
  return { status: answer.status, body: (await answer.json()) as { error: { message: string } } };
};

/** By hand, since the SDK drops the message of a 501. */
const signed = async (file: string) => {
  const parameters = { timestamp: String(Math.floor(Date.now() / 1_000)) };
  const signature = stack.utils.api_sign_request(parameters, apiSecret);
  const body = new URLSearchParams({ ...parameters, file, api_key: apiKey, signature });
  const answer = await fetch(`${stack.url}/v1_1/${cloudName}/image/upload`, { method: "POST", body });
  return { status: answer.status, body: await answer.json() };
};

describe("an upload whose file is a URL", () => {
  it("is rejected without a signature, and the URL is not fetched", async () => {
    other.asked.length = 0;
    for (const path of ["/private", `/to?url=${encodeURIComponent(`${other.url}/private`)}`]) {
      const answer = await unsigned(other.url + path);
      expect(answer.status).toBe(501);
      expect(answer.body.error.message).toBe(
        `Not emulated: the local Cloudinary does not emulate fetching ${new URL(other.url).host} for an unsigned upload.`,
      );
    }
    expect(other.asked).toEqual([]);
  });

  it("can be one of the cloud's public assets without a signature, but not a restricted one", async () => {
    await stack.upload(picture, { public_id: "seen" });
    await stack.upload(picture, { public_id: "hidden", type: "authenticated" });
    const there = await unsigned(`https://res.cloudinary.com/${cloudName}/image/upload/seen.png`);
    expect(there.body).toMatchObject({ width: 20, height: 10 });
    const hidden = await unsigned(`${stack.url}/${cloudName}/image/authenticated/hidden.png`);
    expect(hidden).toMatchObject({ status: 401 });
  });

  it("is fetched from this machine for a signed call, through redirects on this machine", async () => {
    const redirected = `${other.url}/to?url=${encodeURIComponent("/picture.png")}`;
    for (const file of [`${other.url}/picture.png`, redirected])
      expect(await stack.uploader.upload(file)).toMatchObject({ width: 20, height: 10 });
  });

  it.each([
    ["an address elsewhere", 501, () => "http://192.0.2.1/x.png", "from 192.0.2.1, only"],
    ["a redirect elsewhere", 501, () => to("http://192.0.2.1/x.png"), "from 192.0.2.1, only"],
    ["a redirect to a file", 501, () => to("file:///etc/passwd"), "from file:, only"],
    ["redirects without end", 400, () => `${other.url}/to?url=${encodeURIComponent(to("/to"))}`, "redirect"],
    ["more bytes than the limit", 400, () => `${other.url}/large`, "more than 200000 bytes"],
  ])("is refused for %s, signed or not", async (_, status, file, reason) => {
    const answer = await signed(file());
    expect(answer).toMatchObject({ status, body: { error: { message: expect.stringContaining(reason) } } });
  });

  it("is refused for an answer that does not end", async () => {
    const { cloud } = stack.cloudinary;
    const { fetchLimits } = cloud;
    cloud.fetchLimits = { ...fetchLimits, ms: 500 };
    const answer = await signed(`${other.url}/slow`);
    cloud.fetchLimits = fetchLimits;
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("took too long") } },
    });
  });

  const to = (url: string) => `${other.url}/to?url=${encodeURIComponent(url)}`;
});

const everywhere = [
  `/v1_1/${cloudName}/image/upload`,
  `/v1_1/${cloudName}/resources/image`,
  `/${cloudName}/image/upload/seen.png`,
  "/v3/mail/send",
  "/library",
  "/widget",
  "/widget.js",
  "/mailbox",
  "/mailbox.json",
  "/_control/status",
  "/_control/notifications",
  "/nothing",
];

describe("every local service", () => {
  it.each(everywhere)("%s rejects a foreign host name that resolves to this machine", async (path) => {
    expect(await ask(path, { host: "evil.example" })).toMatchObject({ status: 421 });
    expect(await ask(path, { host: "evil.example", origin: "http://evil.example" })).toMatchObject({
      status: 421,
    });
    // A path that starts with two slashes is no host.
    expect(await ask(`//localhost${path}`, { host: "evil.example" })).toMatchObject({ status: 421 });
  });

  it.each(everywhere)("%s rejects pages of another origin, including preflight requests", async (path) => {
    for (const origin of ["http://evil.example", "null", other.url, `${stack.url}.evil.example`])
      for (const method of ["GET", "POST", "DELETE"])
        expect(await ask(path, { origin }, method)).toMatchObject({ status: 403, allowed: undefined });
    expect(await ask(path, { origin: "http://evil.example" }, "OPTIONS")).toMatchObject({ status: 403 });
  });

  it("accepts its own pages, the origins in LOCAL_ORIGINS, and clients other than browsers", async () => {
    for (const headers of [{}, { origin: stack.url }, { origin: ownPage }] as Record<string, string>[])
      expect(await ask("/mailbox.json", headers)).toMatchObject({ status: 200 });
    expect(await ask("/mailbox.json", { host: "localhost:1", origin: "http://localhost:1" })).toMatchObject({
      status: 200,
    });
  });

  it("mails and records can be linked from another site, but not embedded", async () => {
    const from = { "sec-fetch-site": "cross-site" };
    for (const path of ["/mailbox", "/mailbox.json", "/_control/notifications", "/library"]) {
      expect(await ask(path, { ...from, "sec-fetch-dest": "script" })).toMatchObject({ status: 403 });
      expect(await ask(path, { ...from, "sec-fetch-dest": "iframe" })).toMatchObject({ status: 403 });
      expect(await ask(path, { ...from, "sec-fetch-dest": "document" })).toMatchObject({ status: 200 });
    }
    const embedded = { ...from, "sec-fetch-dest": "image" };
    const framed = { ...embedded, origin: "null", "sec-fetch-mode": "no-cors" };
    for (const headers of [embedded, framed])
      expect(await ask(`/${cloudName}/image/upload/seen.png`, headers)).toMatchObject({ status: 200 });
    expect(await ask("/mailbox.json", { ...framed, "sec-fetch-dest": "script" })).toMatchObject({
      status: 403,
    });
  });
});

describe.skipIf(!hasBrowser)("a page of another site in a browser", () => {
  let site: Serving;
  const attack = (body: string) =>
    new Response(`<!doctype html><meta charset="utf-8"><title>evil</title>${body}`, {
      headers: { "content-type": "text/html" },
    });
  beforeAll(async () => {
    site = await serve({
      port: 0,
      fetch: async (request) =>
        new URL(request.url).pathname === "/framed"
          ? attack('<iframe sandbox="allow-scripts" src="/"></iframe>')
          : attack(""),
    });
  });
  afterAll(() => site.close());

  /** In the page: posts the upload, then reads what it stored. */
  const read = (services: string) => `(async () => {
    const form = new FormData();
    form.set("file", "${other.url}/private");
    form.set("upload_preset", "open");
    try {
      const answer = await (await fetch("${services}/v1_1/${cloudName}/raw/upload", { method: "POST", body: form })).json();
      return await (await fetch("${services}/${cloudName}/raw/upload/" + answer.public_id)).text();
    } catch (error) { return "refused: " + error.message; }
  })()`;
  const mails = (services: string) =>
    `fetch("${services}/mailbox.json").then((answer) => answer.text(), (error) => "refused: " + error.message)`;
  const blind = (services: string) =>
    `fetch("${services}/v1_1/${cloudName}/raw/upload", { method: "POST", mode: "no-cors", body: new URLSearchParams({ file: "data:text/plain,planted", public_id: "planted", upload_preset: "open" }) }).then(() => "sent")`;

  it("can neither upload nor read other services or mails, including from a frame without an origin", async () => {
    const chromium = await browser("--host-resolver-rules=MAP evil.example 127.0.0.1");
    other.asked.length = 0;
    const before = stack.cloudinary.cloud.store.state.assets.length;
    try {
      const page = await chromium.newPage();
      const foreign = `http://evil.example:${site.port}`;
      await page.goto(`${foreign}/framed`);
      const framed = page.frames().find((frame) => frame.parentFrame() !== null);
      if (framed === undefined) throw new Error("no frame");
      expect(await framed.evaluate("self.origin")).toBe("null");
      // By the services' address, and by a name of the attacker's that resolves to it (DNS rebinding).
      for (const services of [stack.url, `http://evil.example:${new URL(stack.url).port}`])
        for (const place of [page, framed])
          for (const script of [read(services), mails(services)])
            expect(await place.evaluate(script)).toMatch(/^refused: /);
      for (const place of [page, framed]) expect(await place.evaluate(blind(stack.url))).toBe("sent");
      // Same origin by name: no preflight, and the answer can be read.
      await page.goto(`http://evil.example:${new URL(stack.url).port}/mailbox.json`);
      expect(await page.content()).not.toContain("mails");
      expect(await page.evaluate(read(""))).not.toContain(secret);
    } finally {
      await chromium.close();
    }
    expect(other.asked).toEqual([]);
    expect(stack.cloudinary.cloud.store.state.assets).toHaveLength(before);
  });

  it("the widget's own page uploads", async () => {
    const preset = { name: "track-with-webhook", unsigned: true };
    await stack.api.create_upload_preset(preset);
    const chromium = await browser();
    try {
      const page = await chromium.newPage();
      await page.goto(`${stack.url}/widget`);
      await page.getByRole("button", { name: "Upload" }).click();
      await page
        .getByLabel("File to upload")
        .setInputFiles({ name: "vase.png", mimeType: "image/png", buffer: picture });
      await page.getByText(/^vase\.png arrived as /).waitFor();
    } finally {
      await chromium.close();
    }
  });
});

it("the API accepts the SDK's calls", async () => {
  expect(await stack.api.ping()).toMatchObject({ status: "ok" });
  const key = Buffer.from(`${apiKey}:${apiSecret}`).toString("base64");
  const answer = await ask(`/v1_1/${cloudName}/resources/image`, { authorization: `Basic ${key}` });
  expect(answer.status).toBe(200);
});
