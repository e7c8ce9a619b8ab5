import { settings } from "../settings.ts";
import type { EmailSettings } from "../settings.types.ts";
import type { Environment } from "./environment.ts";
import { type Credentials, chatToken, linkSecret, standInUrls } from "./stack-files.ts";

export interface StackVariables {
  variables: Environment;
  /** No credentials are set for it. */
  localCloudinary: boolean;
  /** The provider of `settings.email`. */
  localMail: boolean;
  localChat: boolean;
}

/**
 * The variables that `npm start` gives the receiver. A service with credentials is not emulated. The variables of an emulator are set
 * together, so that its key is never sent to the real service, and a real key is never sent to an emulator.
 */
export function stackVariables(
  set: Environment,
  { credentials, localUrl }: { credentials: Credentials; localUrl: string },
  { provider }: Pick<EmailSettings, "provider"> = settings.email,
): StackVariables {
  const localCloudinary = set.CLOUDINARY_URL === undefined && set.CLOUDINARY_URLS === undefined;
  const localMail = (provider === "resend" ? set.RESEND_API_KEY : set.SENDGRID_API_KEY) === undefined;
  const localChat = set.CHAT_WEBHOOKS === undefined;
  const webhookSecrets = set.CLOUDINARY_WEBHOOK_SECRETS;
  const variables: Environment = {
    // Local mails need a sender and a recipient, but are not delivered.
    ...(localMail && { FROM_VERIFIED_SENDER: "receiver@example.com", TO_RECIPIENTS: "team@example.com" }),
    OPERATOR_TOKEN: credentials.operatorToken,
    ...set,
    ...(localCloudinary && standInUrls(credentials, localUrl)),
    // The Cloudinary emulator signs with its API secret, which does not verify if other secrets are listed.
    ...(localCloudinary &&
      webhookSecrets !== undefined && {
        CLOUDINARY_WEBHOOK_SECRETS: `${webhookSecrets} local-cloudinary:${credentials.apiSecret}`,
      }),
    ...(localMail && mailVariables(provider, credentials, localUrl)),
    // Next to `netlify dev`, the secret alone turns the links on.
    ...(set.APPROVE_LINK_SECRET === undefined && { APPROVE_LINK_SECRET: linkSecret(credentials) }),
    ...(localChat && { CHAT_WEBHOOKS: chatWebhooks(credentials, localUrl) }),
  };
  return { variables, localCloudinary, localMail, localChat };
}

/** The emulators accept the same key under either name. */
function mailVariables(
  provider: EmailSettings["provider"],
  { sendgridApiKey, sendgridEventKeys }: Credentials,
  localUrl: string,
): Environment {
  if (provider === "resend") return { RESEND_API_KEY: sendgridApiKey, RESEND_BASE_URL: `${localUrl}/resend` };
  return {
    SENDGRID_API_KEY: sendgridApiKey,
    SENDGRID_BASE_URL: localUrl,
    ...(sendgridEventKeys && { SENDGRID_WEBHOOK_KEY: sendgridEventKeys.publicKey }),
  };
}

/** One of each service; the paths are those of the services, below `/chat/`. */
function chatWebhooks(credentials: Credentials, localUrl: string): string {
  const token = chatToken(credentials);
  return [
    "slack/services/T0LOCAL/B0LOCAL",
    "teams/workflows/triggers/manual/paths/invoke",
    "discord/api/webhooks/100000000000000001",
  ]
    .map((path) => `${localUrl}/chat/${path}/${token}`)
    .join(" ");
}
