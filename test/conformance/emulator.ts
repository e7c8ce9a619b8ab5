import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { video } from "../../src/local/samples.ts";
import { type Fetch, serve } from "../../src/local/server.ts";
import { standIns } from "../../src/local/stand-ins.ts";

const account = {
  cloudName: "conformance",
  apiKey: "123456789012345",
  apiSecret: "secret-of-the-conformance-run",
};

/** An empty account with the samples that every real one has, reached as `redirect.cjs` sends the suite to it. */
export async function emulator(checkout: string) {
  const dataDir = await mkdtemp(join(tmpdir(), "conformance-"));
  let fetch: Fetch = async () => new Response("starting", { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(onThisMachine(request)) });
  const parts = await standIns({
    ...account,
    baseUrl: "https://res.cloudinary.com",
    dataDir,
    delayMs: 50,
    rateLimit: 100_000,
    retryDelaysMs: [],
  });
  fetch = parts.fetch;
  // The suite names addresses of other people as notification URLs.
  parts.cloudinary.cloud.notificationFaults.add({ kind: "drop", times: Number.MAX_SAFE_INTEGER });
  const picture = await readFile(join(checkout, "test/.resources/sample.jpg"));
  await upload("image", "sample", picture);
  await upload("video", "dog", await video());

  async function upload(resourceType: string, publicId: string, bytes: Uint8Array): Promise<void> {
    const form = new FormData();
    form.set("public_id", publicId);
    form.set("file", new File([new Uint8Array(bytes)], publicId));
    const { cloudName, apiKey, apiSecret } = account;
    const response = await globalThis.fetch(`${server.url}/v1_1/${cloudName}/${resourceType}/upload`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}` },
      body: form,
    });
    if (!response.ok) throw new Error(`${publicId}: ${await response.text()}`);
  }

  return {
    port: server.port,
    url: `cloudinary://${account.apiKey}:${account.apiSecret}@${account.cloudName}`,
    async close(): Promise<void> {
      await Promise.all([parts.close(), server.close()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The suite believes that it talks to api.cloudinary.com; the emulator answers to names of this machine only. */
function onThisMachine(request: Request): Request {
  const url = new URL(request.url);
  url.hostname = "127.0.0.1";
  const headers = new Headers(request.headers);
  headers.set("host", url.host);
  return new Request(new Request(url, request), { headers });
}
