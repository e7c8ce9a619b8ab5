import type { Environment } from "./environment.ts";
import { type Credentials, standInUrl } from "./stack-files.ts";

export interface StackVariables {
  variables: Environment;
  /** No credentials are set for it. */
  localCloudinary: boolean;
  localSendgrid: boolean;
}

/**
 * The variables that `npm start` gives the receiver. A service with credentials is not emulated. The variables of an emulator are set
 * together, so that its key is never sent to the real service, and a real key is never sent to an emulator.
 */
export function stackVariables(
  set: Environment,
  { credentials, localUrl }: { credentials: Credentials; localUrl: string },
): StackVariables {
  const localCloudinary = set.CLOUDINARY_URL === undefined;
  const localSendgrid = set.SENDGRID_API_KEY === undefined;
  const webhookSecrets = set.CLOUDINARY_WEBHOOK_SECRETS;
  const variables: Environment = {
    // Local mails need a sender and a recipient, but are not delivered.
    ...(localSendgrid && { FROM_VERIFIED_SENDER: "receiver@example.com", TO_RECIPIENTS: "team@example.com" }),
    OPERATOR_TOKEN: credentials.operatorToken,
    ...set,
    ...(localCloudinary && { CLOUDINARY_URL: standInUrl(credentials, localUrl) }),
    // The Cloudinary emulator signs with its API secret, which does not verify if other secrets are listed.
    ...(localCloudinary &&
      webhookSecrets !== undefined && {
        CLOUDINARY_WEBHOOK_SECRETS: `${webhookSecrets} local-cloudinary:${credentials.apiSecret}`,
      }),
    ...(localSendgrid &&
      credentials.sendgridEventKeys && { SENDGRID_WEBHOOK_KEY: credentials.sendgridEventKeys.publicKey }),
    ...(localSendgrid && { SENDGRID_API_KEY: credentials.sendgridApiKey, SENDGRID_BASE_URL: localUrl }),
  };
  return { variables, localCloudinary, localSendgrid };
}
