import { join } from "node:path";
import { z } from "zod";
import { readIfThere } from "./read-if-there.ts";

/** What `npm start` leaves in `.local/` for the commands of a second shell. */
const stackSchema = z.object({
  pid: z.number(),
  folder: z.string(),
  /** Of the receiver, without a slash at the end. */
  url: z.string(),
  /** Of the stand-ins, in the same way. */
  localUrl: z.string(),
  /** Whether it polls the notifications of a real account itself. */
  listens: z.boolean().default(false),
  /** Whoever connects to this port on loopback is told the nonce: that tells a running stack from a file left behind. */
  controlPort: z.number(),
  nonce: z.string(),
});
export type StackFile = z.infer<typeof stackSchema>;

/** Made at random at the first start in a folder, kept after that. */
const credentialsSchema = z.object({
  cloudName: z.string(),
  apiKey: z.string(),
  apiSecret: z.string().min(1),
  sendgridApiKey: z.string(),
  operatorToken: z.string().min(32),
});
export type Credentials = z.infer<typeof credentialsSchema>;

export const localFolder = (folder: string): string => join(folder, ".local");
export const stackPath = (folder: string): string => join(localFolder(folder), "stack.json");
export const credentialsPath = (folder: string): string => join(localFolder(folder), "credentials.json");

/** null: nothing there, or not readable as one; `npm start` then writes it anew. */
export const readStackFile = (folder: string): StackFile | null =>
  parse(readIfThere(stackPath(folder)), stackSchema);
export const readCredentials = (folder: string): Credentials | null =>
  parse(readIfThere(credentialsPath(folder)), credentialsSchema);

/** The form that the Cloudinary SDK reads; the prefix points it at the stand-in. */
export function standInUrl({ apiKey, apiSecret, cloudName }: Credentials, localUrl: string): string {
  return `cloudinary://${apiKey}:${apiSecret}@${cloudName}?upload_prefix=${encodeURIComponent(localUrl)}`;
}

function parse<T>(text: string, schema: z.ZodType<T>): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // Empty, cut off or by an older version: all the same to the reader.
  }
}
