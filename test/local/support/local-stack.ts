import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fetch, serve } from "../../../src/local/server.ts";
import { type StandInsOptions, standIns } from "../../../src/local/stand-ins.ts";
import { type Receiver, receiver } from "./receiver.ts";

export const cloudName = "local-test";
export const apiKey = "123456789012345";
export const apiSecret = "local_Secret-of-27-characters";

/** The stand-ins on a free port, a receiver for their notifications, and the official SDK pointed at them. */
export async function localStack(options: Partial<StandInsOptions> = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), "local-stack-")));
  let fetch: Fetch = async () => new Response("not yet", { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const parts = await standIns({
    cloudName,
    apiKey,
    apiSecret,
    baseUrl: server.url,
    delayMs: 20,
    retryDelaysMs: [10, 20, 30],
    ...options,
    dataDir,
  });
  fetch = parts.fetch;
  // The SDK picks http or https, once, when it is loaded, and reads its account then.
  process.env.CLOUDINARY_URL = `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(server.url)}`;
  const { v2: cloudinary } = await import("cloudinary");
  // In a process of several files, it was loaded before. Of several stacks in a file, it calls the first.
  if (cloudinary.config().api_key === undefined) cloudinary.config(true);
  const hook: Receiver = await receiver();
  return {
    ...parts,
    url: server.url,
    hook,
    api: cloudinary.api,
    uploader: cloudinary.uploader,
    search: cloudinary.search,
    utils: cloudinary.utils,
    /** Waits until nothing is due, and returns the bodies that arrived since the last call. */
    async arrived() {
      await parts.cloudinary.idle();
      return hook.take();
    },
    /** A call that the SDK has no function for, as curl would make it: Basic auth and JSON. */
    rest(method: string, path: string, body?: object) {
      const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`;
      return globalThis.fetch(`${server.url}/v1_1/${cloudName}/${path}`, {
        method,
        headers: { authorization, "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    },
    upload: (bytes: Uint8Array, settings: object = {}) =>
      cloudinary.uploader.upload(
        `data:application/octet-stream;base64,${Buffer.from(bytes).toString("base64")}`,
        settings,
      ),
    async close({ keepData = false } = {}): Promise<void> {
      await Promise.all([parts.close(), server.close(), hook.close()]);
      if (!keepData) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export type LocalStack = Awaited<ReturnType<typeof localStack>>;
