import type { AkeneoVariables } from "./lib/shared/akeneo-variables.ts";
import type { ChatWebhook } from "./lib/shared/chat-variables.ts";
import type { Operator } from "./lib/shared/operators.ts";
import type { RekognitionVariables } from "./lib/shared/rekognition-variables.ts";

/** `settings.email.provider`. */
export type MailProviderName = "sendgrid" | "resend";

export interface CloudinaryAccount {
  cloudName: string;
  apiKey: string;
  apiSecret: string;
  /** The host in CLOUDINARY_URL that replaces Cloudinary's own, such as that of an emulator. */
  uploadPrefix?: string;
  /** In front of the ids of its assets inside the receiver (src/lib/shared/asset-prefix.ts); absent for the first account. */
  assetPrefix?: string;
}

export interface MailAccount {
  provider: MailProviderName;
  apiKey: string;
  from: string;
  to: string[];
  /** Instead of the provider's own host; null: that one. */
  baseUrl: string | null;
}

/** The target of the connector `pim:webhook`, or of alerts. */
export interface WebhookAccount {
  url: string;
  /** `whsec_...`; during a rotation there are several, and each signs. */
  secrets: string[];
}

export interface AlertTargets {
  /** null without ALERT_RECIPIENTS, or without what mail needs. */
  mail: MailAccount | null;
  /** null without ALERT_WEBHOOK_URL. */
  webhook: WebhookAccount | null;
  chats: ChatWebhook[];
}

export interface Config {
  databaseUrl: string;
  /** Certificates of the database's certificate authority; null: the authorities that Node trusts. */
  databaseCa: string | null;
  /** The database sleeps when idle and is billed while awake, so the sweep queries it only at scheduled wake-ups. */
  databaseSleeps: boolean;
  /** The secrets that verify notifications; never empty. */
  secrets: Secret[];
  /** The first account; null: there is none. */
  cloudinary: CloudinaryAccount | null;
  /** One for each cloud (product environment): that of CLOUDINARY_URL first, then those of CLOUDINARY_URLS. */
  accounts: readonly CloudinaryAccount[];
  /** The receiver's first cloud: that of the first account, or of the first secret; null if neither has one. */
  ownCloud: string | null;
  /** null if the key, the sender or the recipients are missing; e-mails are then skipped. */
  mail: MailAccount | null;
  /** The verification key of SendGrid's Event Webhook, as SendGrid shows it; null: events are not received. */
  sendgridEventKey: string | null;
  /** Where messages are posted; empty: no chat is used. */
  chats: ChatWebhook[];
  /** Signs the links by which recipients decide (`approveByLink`); null: there are none, and none works. */
  approveLinkSecret: string | null;
  /** Who gets alerts. */
  alerts: AlertTargets;
  /** null if the connector is not configured. */
  pimWebhook: WebhookAccount | null;
  /** null if the connector `pim:akeneo` is not configured. */
  akeneo: AkeneoVariables | null;
  /** null: the handler `faces` is off. */
  faces: RekognitionVariables | null;
  /** If empty, the console and its API are disabled. */
  operators: Operator[];
  /** The rejected entries of OPERATOR_TOKEN with the reason; never the token. */
  operatorProblems: string[];
  /** What is wrong in src/settings.ts, and does not stop the receiver. */
  settingsProblems: string[];
  /** Invalid or unsafe values that do not stop the receiver; for the log and for operators. */
  warnings: string[];
  /** Under `netlify dev`. */
  local: boolean;
  /** The URL of the site and its console; set by Netlify. */
  siteUrl: string | null;
  /** The URL of the site under `netlify dev`, where request.url follows the Host header. */
  localUrl: string | null;
}

export type ConfigReading = { ok: true; config: Config } | { ok: false; problems: string[] };

/** Everything that could be read, even if something else is wrong; for diagnosis. */
export interface PartialConfig extends Omit<Config, "databaseUrl"> {
  databaseUrl: string | null;
  /** Why notifications cannot be received. Contains names of variables, never their values. */
  problems: string[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that Cloudinary may sign with; there are several during a rotation. */
export interface Secret {
  /** Shown to operators and stored with each notification. */
  name: string;
  value: string;
  /** Milliseconds since 1970; null: does not expire. */
  expiresAt: number | null;
  /** The cloud (product environment) whose notifications it signs; null if none is configured. */
  cloud: string | null;
}
