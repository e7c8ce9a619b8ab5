import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { v2 as Sdk } from "cloudinary";
import { z } from "zod";
import { type Credentials, standInUrl } from "../../cli/stack-files.ts";

export type Cloud = Awaited<ReturnType<typeof localCloud>>;

/** Delivery types and the resource types that the local cloud supports for each; deleting by prefix needs both. */
const kinds = ["upload", "private", "authenticated", "sprite", "multi"].flatMap((type) =>
  ["image", "video"].map((resource_type) => ({ resource_type, type })),
);

const page = z.object({ resources: z.array(z.object({ public_id: z.string() })) });
const triggersSchema = z.object({
  triggers: z.array(z.object({ id: z.string(), uri: z.string(), event_type: z.string() })),
});

/**
 * The SDK reads CLOUDINARY_URL when it is loaded, and chooses http or https by it. The handlers, whose settings the stack checks, may have
 * loaded it before.
 */
function freshSdk(): typeof Sdk {
  const require = createRequire(import.meta.url);
  const folder = dirname(require.resolve("cloudinary/package.json"));
  for (const path of Object.keys(require.cache)) if (path.startsWith(folder)) delete require.cache[path];
  const loaded: { v2: typeof Sdk } = require("cloudinary");
  return loaded.v2;
}

/** Access to the local Cloudinary: through the unmodified SDK, and through plain HTTP for calls that the SDK lacks. */
export async function localCloud(options: { credentials: Credentials; localUrl: string }) {
  const { credentials, localUrl } = options;
  process.env.CLOUDINARY_URL = standInUrl(credentials, localUrl);
  const sdk = freshSdk();
  const apiUrl = `${localUrl}/v1_1/${credentials.cloudName}`;

  /** Calls with the key and the secret as Basic credentials, as curl would. */
  async function rest(method: string, path: string, body?: object): Promise<unknown> {
    const key = Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString("base64");
    const response = await fetch(`${apiUrl}/${path}`, {
      method,
      headers: { authorization: `Basic ${key}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return await response.json();
  }

  return {
    uploader: sdk.uploader,
    api: sdk.api,
    utils: sdk.utils,
    cloudName: credentials.cloudName,
    secret: credentials.apiSecret,
    apiUrl,
    localUrl,
    rest,
    /** The assets under a prefix, of all types. */
    async list(prefix: string): Promise<string[]> {
      const lists = kinds.map(async ({ resource_type, type }) =>
        page.parse(await sdk.api.resources({ resource_type, type, prefix, max_results: 500 })),
      );
      return (await Promise.all(lists)).flatMap(({ resources }) =>
        resources.map(({ public_id }) => public_id),
      );
    },
    async removeAll(prefix: string): Promise<void> {
      for (const kind of kinds) await sdk.api.delete_resources_by_prefix(prefix, kind);
    },
    async triggers() {
      return triggersSchema.parse(await rest("GET", "triggers")).triggers;
    },
  };
}

/** The form in which the SDK accepts a file that is not on disk. */
export const dataUri = (bytes: Buffer): string =>
  `data:application/octet-stream;base64,${bytes.toString("base64")}`;

/** The response to an anonymous request for this URL. */
export async function visit(url: string): Promise<{ status: number; type: string; bytes: Buffer }> {
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, bytes: Buffer.from(await response.arrayBuffer()) };
}

export const statusOf = async (url: string): Promise<number> => (await visit(url)).status;
