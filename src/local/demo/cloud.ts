import { z } from "zod";
import { type Credentials, standInUrl } from "../../cli/stack-files.ts";

export type Cloud = Awaited<ReturnType<typeof localCloud>>;

/** Delivery types and what the local cloud can hold under each; deleting by prefix asks for both. */
const kinds = ["upload", "private", "authenticated", "sprite", "multi"].flatMap((type) =>
  ["image", "video"].map((resource_type) => ({ resource_type, type })),
);

const page = z.object({ resources: z.array(z.object({ public_id: z.string() })) });
const triggersSchema = z.object({
  triggers: z.array(z.object({ id: z.string(), uri: z.string(), event_type: z.string() })),
});

/** The stand-in of Cloudinary as everybody reaches it: by the unchanged SDK, and by plain HTTP where that has no function. */
export async function localCloud(options: { credentials: Credentials; localUrl: string }) {
  const { credentials, localUrl } = options;
  // The SDK reads this once, and picks http or https, when it is loaded.
  process.env.CLOUDINARY_URL = standInUrl(credentials, localUrl);
  const { v2: sdk } = await import("cloudinary");
  const apiUrl = `${localUrl}/v1_1/${credentials.cloudName}`;

  /** Calls with the key and the secret, as curl would. */
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
    /** What lies under a prefix, whatever its type. */
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

/** As the SDK takes a file that is not on the disk. */
export const dataUri = (bytes: Buffer): string =>
  `data:application/octet-stream;base64,${bytes.toString("base64")}`;

/** What somebody gets who opens this address without any key. */
export async function visit(url: string): Promise<{ status: number; type: string; bytes: Buffer }> {
  const response = await fetch(url);
  const type = response.headers.get("content-type") ?? "";
  return { status: response.status, type, bytes: Buffer.from(await response.arrayBuffer()) };
}

export const statusOf = async (url: string): Promise<number> => (await visit(url)).status;
