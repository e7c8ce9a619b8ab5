import { createHash } from "node:crypto";
import { join } from "node:path";
import { z } from "zod";
import { readIfThere } from "./read-if-there.ts";

/** The files in `.local/` that `npm start` writes for commands in a second shell. */
const stackSchema = z.object({
  pid: z.number(),
  folder: z.string(),
  /** Of the receiver, without a slash at the end. */
  url: z.string(),
  /** The URL of the emulators, also without a trailing slash. */
  localUrl: z.string(),
  /** Whether it polls the notifications of a real account itself. */
  listens: z.boolean().default(false),
  /** The stack answers on this loopback port with the nonce, which distinguishes a running stack from an old file. */
  controlPort: z.number(),
  nonce: z.string(),
});
export type StackFile = z.infer<typeof stackSchema>;

/** Generated at the first start in a folder, and kept. */
const credentialsSchema = z.object({
  cloudName: z.string(),
  apiKey: z.string(),
  apiSecret: z.string().min(1),
  sendgridApiKey: z.string(),
  operatorToken: z.string().min(32),
  /** Base64 of DER: of the Event Webhook of the SendGrid emulator. Missing in folders from before it. */
  sendgridEventKeys: z.object({ publicKey: z.string(), privateKey: z.string() }).optional(),
  /** The other clouds of `npm start -- --clouds`, whose first one is `cloudName`. */
  otherClouds: z
    .array(z.object({ cloudName: z.string(), apiKey: z.string(), apiSecret: z.string().min(1) }))
    .optional(),
});
export type Credentials = z.infer<typeof credentialsSchema>;

/** The end of the paths of the chat emulator's webhooks: as random as the folder's other credentials. */
export const chatToken = ({ sendgridApiKey }: Credentials): string =>
  createHash("sha256").update(`chat ${sendgridApiKey}`).digest("hex").slice(0, 32);

/** Signs the links by which recipients decide, as random as the folder's other credentials. */
export const linkSecret = ({ operatorToken }: Credentials): string =>
  createHash("sha256").update(`approve links ${operatorToken}`).digest("hex");

export const localFolder = (folder: string): string => join(folder, ".local");
export const stackPath = (folder: string): string => join(localFolder(folder), "stack.json");
export const credentialsPath = (folder: string): string => join(localFolder(folder), "credentials.json");

/** null if it is missing or invalid; `npm start` then creates it again. */
export const readStackFile = (folder: string): StackFile | null =>
  parse(readIfThere(stackPath(folder)), stackSchema);
export const readCredentials = (folder: string): Credentials | null =>
  parse(readIfThere(credentialsPath(folder)), credentialsSchema);

/** The variables of the emulated clouds. */
export function standInUrls(
  credentials: Credentials,
  localUrl: string,
): { CLOUDINARY_URL: string; CLOUDINARY_URLS?: string } {
  const others = (credentials.otherClouds ?? []).map((cloud) => standInUrl(cloud, localUrl));
  return {
    CLOUDINARY_URL: standInUrl(credentials, localUrl),
    ...(others.length > 0 && { CLOUDINARY_URLS: others.join(" ") }),
  };
}

/** The format of the Cloudinary SDK; the prefix selects the emulator. */
export function standInUrl(
  { apiKey, apiSecret, cloudName }: Pick<Credentials, "apiKey" | "apiSecret" | "cloudName">,
  localUrl: string,
): string {
  return `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(localUrl)}`;
}

function parse<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // Empty, truncated or from an older version.
  }
}
