import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { type Credentials, credentialsPath, localFolder, readCredentials } from "../../cli/stack-files.ts";

/** Random for each folder, so that no stack accepts signatures of another one. Created once and kept by `--fresh`. */
export async function folderCredentials(folder: string): Promise<Credentials> {
  const existing = readCredentials(folder);
  if (existing) return existing;
  const made: Credentials = {
    cloudName: "local",
    apiKey: Array.from({ length: 15 }, () => randomInt(1, 10)).join(""),
    apiSecret: randomBytes(20).toString("base64url"),
    sendgridApiKey: `SG.local.${randomBytes(24).toString("base64url")}`,
    operatorToken: randomBytes(32).toString("base64url"),
    sendgridEventKeys: eventKeys(),
  };
  await mkdir(localFolder(folder), { recursive: true });
  await writeFile(credentialsPath(folder), JSON.stringify(made, null, 2), { mode: 0o600 });
  return made;
}

/** As SendGrid makes them for its Event Webhook. */
function eventKeys(): NonNullable<Credentials["sendgridEventKeys"]> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    privateKey: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
  };
}
