import type { Environment } from "./environment.ts";
import { type Credentials, standInUrl } from "./stack-files.ts";

export interface StackVariables {
  variables: Environment;
  /** No credentials for it were set. */
  localCloudinary: boolean;
  localSendgrid: boolean;
}

/**
 * What `npm start` gives the receiver, from what is set. A service with credentials of its own gets no stand-in. A stand-in's
 * variables are set together, so that no key of ours ever goes to the real service and no real one to a stand-in.
 */
export function stackVariables(
  set: Environment,
  { credentials, localUrl }: { credentials: Credentials; localUrl: string },
): StackVariables {
  const localCloudinary = set.CLOUDINARY_URL === undefined;
  const localSendgrid = set.SENDGRID_API_KEY === undefined;
  const webhookSecrets = set.CLOUDINARY_WEBHOOK_SECRETS;
  const variables: Environment = {
    // Local mails need an address at both ends; nobody gets them.
    ...(localSendgrid && { FROM_VERIFIED_SENDER: "receiver@example.com", TO_RECIPIENTS: "team@example.com" }),
    OPERATOR_TOKEN: credentials.operatorToken,
    ...set,
    ...(localCloudinary && { CLOUDINARY_URL: standInUrl(credentials, localUrl) }),
    // The local Cloudinary signs with its API secret, which does not verify where others are listed.
    ...(localCloudinary &&
      webhookSecrets !== undefined && {
        CLOUDINARY_WEBHOOK_SECRETS: `${webhookSecrets} local-cloudinary:${credentials.apiSecret}`,
      }),
    ...(localSendgrid && { SENDGRID_API_KEY: credentials.sendgridApiKey, SENDGRID_BASE_URL: localUrl }),
  };
  return { variables, localCloudinary, localSendgrid };
}
