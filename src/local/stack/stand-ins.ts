import { join } from "node:path";
import { type Credentials, chatToken, localFolder } from "../../cli/stack-files.ts";
import { UserError } from "../../cli/user-error.ts";
import { type LocalAkeneo, localAkeneo } from "../akeneo/local-akeneo.ts";
import { localConnection, sampleCatalogue } from "../akeneo/local-connection.ts";
import { localChat } from "../chat/local-chat.ts";
import type { LocalCloudinary } from "../cloudinary/local-cloudinary.ts";
import type { DatabaseSwitch } from "../control.ts";
import { guarded } from "../guard.ts";
import { forwarded } from "../queues/forwarded.ts";
import { localAwsKey } from "../rekognition/local-account.ts";
import { localRekognition } from "../rekognition/local-rekognition.ts";
import { localResend } from "../resend/local-resend.ts";
import type { EventWebhook } from "../sendgrid/events.ts";
import { localSendgrid } from "../sendgrid/local-sendgrid.ts";
import { type Fetch, PortInUse, serve } from "../server.ts";
import { standIns } from "../stand-ins.ts";

export interface StandInOptions {
  folder: string;
  port: number;
  credentials: Credentials;
  /** The URL to which the Cloudinary emulator sends every notification. */
  hookUrl: string;
  /** Which services are emulated; if none, nothing is served. */
  cloudinary: boolean;
  mail: boolean;
  chat: boolean;
  akeneo?: boolean;
  /** Only next to the Cloudinary emulator, whose pictures it can read. */
  rekognition?: boolean;
  /** Queues, event buses and HTTP targets of the handler `forward`. */
  queues?: boolean;
  /** null if the database is not the embedded one. */
  database?: DatabaseSwitch | null;
  /** Allowed origins of other pages. */
  origins: readonly string[];
  say: (text: string) => void;
}

/** Cloudinary waits 3, 6 and 9 minutes, which is too long for interactive use. */
const retryDelaysMs = [3_000, 6_000, 9_000];

/** Serves the emulators on one port. Returns a function that stops them. */
export async function startStandIns(options: StandInOptions): Promise<() => Promise<void>> {
  if (!options.cloudinary && !options.mail && !options.chat && !options.akeneo) return async () => {};
  const akeneo = options.akeneo
    ? localAkeneo({ ...localConnection(options.credentials), catalogue: sampleCatalogue })
    : null;
  const parts = options.cloudinary ? await withCloudinary(options, akeneo) : await others(options, akeneo);
  const serving = await serve({ port: options.port, fetch: parts.fetch }).catch((error: unknown) => {
    throw error instanceof PortInUse ? new UserError(error.message, 1, { cause: error }) : error;
  });
  return async () => {
    await serving.close();
    await parts.close();
  };
}

interface Parts {
  fetch: Fetch;
  close(): Promise<void>;
}

async function withCloudinary(
  {
    folder,
    port,
    credentials,
    hookUrl,
    mail,
    chat,
    rekognition,
    queues,
    database = null,
    origins,
    say,
  }: StandInOptions,
  akeneo: LocalAkeneo | null,
): Promise<Parts> {
  const { cloudName, apiKey, apiSecret, sendgridApiKey } = credentials;
  const parts = await standIns({
    cloudName,
    apiKey,
    apiSecret,
    sendgridApiKey,
    otherClouds: credentials.otherClouds ?? [],
    chatToken: chatToken(credentials),
    sendgridEvents: mail ? eventWebhook(credentials, hookUrl) : null,
    akeneo,
    rekognition: rekognition
      ? await localRekognition({
          key: localAwsKey(credentials),
          dataDir: join(localFolder(folder), "rekognition"),
        })
      : null,
    forwarded: queues ? forwarded(localAwsKey(credentials)) : null,
    database,
    tour: {
      url: new URL(hookUrl).origin,
      more: [
        ...(queues ? [queuesEntry] : []),
        ...(credentials.otherClouds ?? []).map((cloud) => ({
          name: `Library of ${cloud.cloudName}`,
          href: `/clouds/${cloud.cloudName}/library`,
          text: "the assets of another product environment",
        })),
      ],
    },
    origins,
    baseUrl: `http://127.0.0.1:${port}`,
    dataDir: localFolder(folder),
    retryDelaysMs,
    notEmulated: (message) => say(message),
    log: ({ url, attempt, status }) => {
      if (status !== 200) say(`Cloudinary emulator: notification to ${url}, attempt ${attempt}: ${status}`);
    },
  });
  for (const cloudinary of [parts.cloudinary, ...parts.others]) {
    await sendEverythingTo(cloudinary, hookUrl);
    await offerPreset(cloudinary, hookUrl);
  }
  const isChat = (request: Request) => /^\/chat\b/.test(new URL(request.url).pathname);
  const isMail = (request: Request) => /^\/(v3|resend|mailbox)\b/.test(new URL(request.url).pathname);
  return {
    fetch: async (request) =>
      !mail && isMail(request)
        ? nothing("E-mails are sent for real.")
        : !chat && isChat(request)
          ? nothing("Messages are posted for real.")
          : await parts.fetch(request),
    close: parts.close,
  };
}

const queuesEntry = {
  name: "Queues",
  href: "/queues",
  text: "what the handler forward sent to queues, event buses and HTTP targets",
};

/** null for a folder whose credentials are older than the Event Webhook. */
function eventWebhook({ sendgridEventKeys: keys }: Credentials, hookUrl: string): EventWebhook | null {
  return keys ? { url: `${hookUrl}/sendgrid`, privateKey: keys.privateKey } : null;
}

async function others(
  { folder, credentials, hookUrl, mail: hasMailbox, chat: hasChat, origins }: StandInOptions,
  akeneo: LocalAkeneo | null,
): Promise<Parts> {
  const dataDir = join(localFolder(folder), "sendgrid");
  const events = eventWebhook(credentials, hookUrl);
  const sendgrid = await localSendgrid({
    dataDir,
    apiKey: credentials.sendgridApiKey,
    ...(events && { events }),
  });
  const chat = await localChat({
    dataDir: join(localFolder(folder), "chat"),
    token: chatToken(credentials),
  });
  const resend = localResend({ mailbox: sendgrid.mailbox, apiKey: credentials.sendgridApiKey });
  return {
    fetch: guarded(
      async (request) =>
        (hasMailbox ? ((await sendgrid.fetch(request)) ?? (await resend.fetch(request))) : null) ??
        (hasChat ? await chat.fetch(request) : null) ??
        (await akeneo?.fetch(request)) ??
        nothing(
          hasMailbox
            ? "Available page: /mailbox. The real Cloudinary is used."
            : "The real Cloudinary is used.",
        ),
      { origins },
    ),
    close: async () => {},
  };
}

const nothing = (hint: string): Response => new Response(`Nothing here. ${hint}\n`, { status: 404 });

/** A folder for uploads by visitors, and manual moderation. */
const visitorsPreset = { asset_folder: "visitors", moderation: "manual" };

/** The unsigned preset of the training course, for the Upload Widget page; its URL follows the receiver's. */
async function offerPreset({ cloud }: LocalCloudinary, hookUrl: string): Promise<void> {
  const { state } = cloud.store;
  const name = "track-with-webhook";
  const there = state.presets.find((preset) => preset.name === name);
  const settings = { ...there?.settings, ...visitorsPreset, notification_url: `${hookUrl}/public` };
  state.presets = [
    ...state.presets.filter((preset) => preset !== there),
    { name, unsigned: true, external_id: there?.external_id ?? "npm-start", settings },
  ];
  await cloud.store.save();
}

/** The global trigger, as set in the Cloudinary Console; one of an earlier start on another port is removed. */
async function sendEverythingTo({ cloud }: LocalCloudinary, hookUrl: string): Promise<void> {
  const { state } = cloud.store;
  const path = new URL(hookUrl).pathname;
  state.triggers = state.triggers.filter(({ uri, uri_type, event_type }) => {
    if (uri_type !== "webhook") return true;
    const { hostname, pathname } = new URL(uri);
    return !(event_type === "all" && hostname === "localhost" && pathname === path);
  });
  const at = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  state.triggers.push({
    id: "npm-start",
    uri_type: "webhook",
    uri: hookUrl,
    event_type: "all",
    additive: false,
    auth_scheme: "legacy_hmac",
    created_at: at,
    updated_at: at,
  });
  await cloud.store.save();
}
