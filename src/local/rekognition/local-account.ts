import { createHash } from "node:crypto";
import type { AwsKey } from "./signature.ts";

/** The key to a folder's local Rekognition: derived from the folder's API secret, so that it stays the same across restarts. */
export function localAwsKey({ apiSecret }: { apiSecret: string }): AwsKey {
  const derived = (name: string) =>
    createHash("sha256").update(`rekognition ${name} ${apiSecret}`).digest("hex");
  return {
    accessKeyId: `LOCAL${derived("key").slice(0, 15).toUpperCase()}`,
    secretAccessKey: derived("secret").slice(0, 40),
  };
}

/** In the format of the receiver's environment variables. */
export function rekognitionVariables(url: string, key: AwsKey): Record<string, string> {
  return {
    REKOGNITION_COLLECTION: "local-team",
    REKOGNITION_ENDPOINT: url,
    REKOGNITION_REGION: "local",
    REKOGNITION_ACCESS_KEY_ID: key.accessKeyId,
    REKOGNITION_SECRET_ACCESS_KEY: key.secretAccessKey,
  };
}
