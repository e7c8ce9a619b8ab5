import { vi } from "vitest";
import { testSecret } from "./signed-request.ts";

const ours = [
  "DATABASE_URL",
  "NETLIFY_DB_URL",
  "CLOUDINARY_URL",
  "CLOUDINARY_URLS",
  "CLOUDINARY_WEBHOOK_SECRETS",
  "OPERATOR_TOKEN",
  "NETLIFY_DEV",
  "URL",
  "SENDGRID_API_KEY",
  "SENDGRID_BASE_URL",
  "RESEND_API_KEY",
  "RESEND_BASE_URL",
  "FROM_VERIFIED_SENDER",
  "TO_RECIPIENTS",
  "DATABASE_CA",
  "SENDGRID_WEBHOOK_KEY",
  "CHAT_WEBHOOKS",
  "APPROVE_LINK_SECRET",
  "ALERT_CHAT_WEBHOOKS",
  "ALERT_RECIPIENTS",
  "ALERT_WEBHOOK_URL",
  "ALERT_WEBHOOK_SECRET",
  "PIM_WEBHOOK_URL",
  "PIM_WEBHOOK_SECRET",
  "AKENEO_URL",
  "AKENEO_CLIENT_ID",
  "AKENEO_SECRET",
  "AKENEO_USERNAME",
  "AKENEO_PASSWORD",
  "REKOGNITION_COLLECTION",
  "REKOGNITION_ENDPOINT",
  "REKOGNITION_REGION",
  "REKOGNITION_ACCESS_KEY_ID",
  "REKOGNITION_SECRET_ACCESS_KEY",
];

/** Sets exactly these of the receiver's variables, whatever the machine has. `vi.unstubAllEnvs` undoes it. */
export function environment(variables: Record<string, string>): void {
  for (const name of ours) vi.stubEnv(name, variables[name]);
}

/** A receiver that verifies with the tests' secret and stores in this database. */
export function configured(databaseUrl: string, more: Record<string, string> = {}): void {
  environment({
    DATABASE_URL: databaseUrl,
    CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
    ...more,
  });
}
