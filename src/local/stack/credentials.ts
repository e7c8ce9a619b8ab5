import { generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { type Credentials, credentialsPath, localFolder, readCredentials } from "../../cli/stack-files.ts";

/** Random for each folder, so that no stack accepts signatures of another one. Created once and kept by `--fresh`. */
export async function folderCredentials(
  folder: string,
  clouds: readonly string[] = [],
): Promise<Credentials> {
  const existing = readCredentials(folder);
  const known = existing?.otherClouds ?? [];
  if (existing && known.map(({ cloudName }) => cloudName).join() === clouds.join()) return existing;
  const otherClouds = clouds.map(
    (cloudName) => known.find((one) => one.cloudName === cloudName) ?? { cloudName, ...newKey() },
  );
  const credentials = { ...(existing ?? newCredentials()), otherClouds };
  await mkdir(localFolder(folder), { recursive: true });
  await writeFile(credentialsPath(folder), JSON.stringify(credentials, null, 2), { mode: 0o600 });
  return credentials;
}

function newKey(): { apiKey: string; apiSecret: string } {
  return {
    apiKey: Array.from({ length: 15 }, () => randomInt(1, 10)).join(""),
    apiSecret: randomBytes(20).toString("base64url"),
  };
}

function newCredentials(): Credentials {
  return {
    cloudName: "local",
    ...newKey(),
    sendgridApiKey: `SG.local.${randomBytes(24).toString("base64url")}`,
    operatorToken: randomBytes(32).toString("base64url"),
    sendgridEventKeys: eventKeys(),
  };
}

/** As SendGrid makes them for its Event Webhook. */
function eventKeys(): NonNullable<Credentials["sendgridEventKeys"]> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  return {
    publicKey: publicKey.export({ format: "der", type: "spki" }).toString("base64"),
    privateKey: privateKey.export({ format: "der", type: "pkcs8" }).toString("base64"),
  };
}
