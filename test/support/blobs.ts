import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getStore } from "@netlify/blobs";
import { BlobsServer } from "@netlify/blobs/server";
import { vi } from "vitest";

export interface TestBlobs {
  keys(): Promise<string[]>;
  put(key: string): Promise<void>;
  stop(): Promise<void>;
}

/** Netlify's own local Blobs server, with the environment that functions get. */
export async function blobs(): Promise<TestBlobs> {
  const directory = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-blobs-"));
  const server = new BlobsServer({ directory, token: "test", logger: () => {} });
  const { port } = await server.start();
  const url = `http://127.0.0.1:${port}`;
  const context = { siteID: "site", token: "test", edgeURL: url, uncachedEdgeURL: url };
  vi.stubEnv("NETLIFY_BLOBS_CONTEXT", Buffer.from(JSON.stringify(context)).toString("base64"));
  const store = getStore({ name: "alarm", consistency: "strong" });
  return {
    keys: async () => (await store.list()).blobs.map(({ key }) => key).sort(),
    put: async (key) => void (await store.set(key, "")),
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
