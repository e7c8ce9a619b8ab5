import { join } from "node:path";
import { localWidgetToken } from "../lib/cloudinary/local-widget.ts";
import type { LocalAkeneo } from "./akeneo/local-akeneo.ts";
import { localChat } from "./chat/local-chat.ts";
import { localCloudinary } from "./cloudinary/local-cloudinary.ts";
import type { LocalCloudinaryOptions, SentNotification } from "./cloudinary/store/cloud.ts";
import { control, type DatabaseSwitch } from "./control.ts";
import { guarded } from "./guard.ts";
import type { Forwarded } from "./queues/forwarded.ts";
import type { LocalRekognition } from "./rekognition/local-rekognition.ts";
import { localResend } from "./resend/local-resend.ts";
import type { EventWebhook } from "./sendgrid/events.ts";
import { localSendgrid } from "./sendgrid/local-sendgrid.ts";
import type { Fetch } from "./server.ts";
import { type ActiveFault, type Tour, tourPage } from "./tour-page.ts";

export interface StandInsOptions extends LocalCloudinaryOptions {
  /** The only accepted key of SendGrid and of Resend; if absent, every key is accepted. */
  sendgridApiKey?: string;
  /** The end of the paths of the chat webhooks; if absent, every one is accepted. */
  chatToken?: string;
  /** SendGrid's Event Webhook. */
  sendgridEvents?: EventWebhook | null;
  /** The Akeneo emulator, if it is enabled. */
  akeneo?: LocalAkeneo | null;
  /** The Rekognition emulator, if it is enabled. */
  rekognition?: LocalRekognition | null;
  /** What `forward` sends to, if it is emulated. */
  forwarded?: Forwarded | null;
  /** The embedded database, if the stack has one. */
  database?: DatabaseSwitch | null;
  /** Product environments beside the first. */
  otherClouds?: readonly Pick<LocalCloudinaryOptions, "cloudName" | "apiKey" | "apiSecret">[];
  /** What the page at `/` links to; without this, there is none. */
  tour?: Tour;
  /** Allowed origins of other pages, in addition to the services' own. */
  origins?: readonly string[];
}

export type StandIns = Awaited<ReturnType<typeof standIns>>;

/** The number of attempts that `/_control/notifications` keeps. */
const maxSent = 500;

/** All emulators in one `fetch` function, for `serve`. */
export async function standIns(options: StandInsOptions) {
  const {
    sendgridApiKey,
    chatToken,
    sendgridEvents = null,
    akeneo = null,
    rekognition = null,
    forwarded = null,
    database = null,
    tour,
    origins,
    dataDir,
    otherClouds = [],
    ...rest
  } = options;
  const sent: SentNotification[] = [];
  const log = (call: SentNotification) => {
    sent.push(call);
    if (sent.length > maxSent) sent.shift();
    options.log?.(call);
  };
  const cloudinary = await localCloudinary({ ...rest, dataDir: join(dataDir, "cloudinary"), log });
  const others = await Promise.all(
    otherClouds.map(({ cloudName, apiKey, apiSecret }) =>
      localCloudinary({
        ...rest,
        ...{ cloudName, apiKey, apiSecret },
        dataDir: join(dataDir, "clouds", cloudName),
        pageBase: `/clouds/${cloudName}`,
        log,
      }),
    ),
  );
  /** By the path: of the API, of delivery URLs, or of the other clouds' pages. */
  const cloudOf = (request: Request) => {
    const { pathname } = new URL(request.url);
    const [, name] = /^\/(?:v1_1\/|v2\/\w+\/|clouds\/)?([\w-]+)(?:\/|$)/.exec(pathname) ?? [];
    return others.find(({ cloud }) => cloud.cloudName === name) ?? cloudinary;
  };
  const sendgrid = await localSendgrid({
    dataDir: join(dataDir, "sendgrid"),
    ...(sendgridApiKey === undefined ? {} : { apiKey: sendgridApiKey }),
    ...(sendgridEvents === null ? {} : { events: sendgridEvents }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const resend = localResend({
    mailbox: sendgrid.mailbox,
    ...(sendgridApiKey === undefined ? {} : { apiKey: sendgridApiKey }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });
  const chat = await localChat({
    dataDir: join(dataDir, "chat"),
    ...(chatToken === undefined ? {} : { token: chatToken }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });

  const fetch: Fetch = async (request) => {
    const isRoot = request.method === "GET" && new URL(request.url).pathname === "/";
    if (isRoot && tour !== undefined) return tourPage(tour, activeFaults());
    const answer =
      (await control(
        { cloudinary, others, sendgrid, resend, chat, akeneo, rekognition, forwarded, database, sent },
        request,
      )) ??
      (await cloudOf(request).fetch(request)) ??
      (await sendgrid.fetch(request)) ??
      (await resend.fetch(request)) ??
      (await chat.fetch(request)) ??
      (await akeneo?.fetch(request)) ??
      (await rekognition?.fetch(request)) ??
      (await forwarded?.fetch(request));
    const pages = `${tour === undefined ? "" : "/, "}/library, /widget, /mailbox, /chat${forwarded === null ? "" : ", /queues"}`;
    return answer ?? new Response(`Not found. Available pages: ${pages}.\n`, { status: 404 });
  };

  function activeFaults(): ActiveFault[] {
    const lists = {
      cloudinary: cloudinary.faults.list(),
      email: [...sendgrid.faults.list(), ...resend.faults.list()],
      chat: chat.faults.list(),
      akeneo: akeneo?.faults.list() ?? [],
      rekognition: rekognition?.faults.list() ?? [],
    };
    const awayUntil = database?.awayUntil() ?? null;
    return [
      ...Object.entries(lists).flatMap(([service, faults]) =>
        faults.map(({ kind, status, until }) => ({
          service,
          what: kind === "status" ? String(status) : kind,
          until,
        })),
      ),
      ...(awayUntil === null ? [] : [{ service: "database", what: "away", until: awayUntil }]),
    ];
  }

  return {
    fetch: guarded(fetch, {
      ...(origins === undefined ? {} : { origins }),
      widgetToken: localWidgetToken(options.apiSecret),
    }),
    cloudinary,
    /** Of the other clouds. */
    others,
    sendgrid,
    resend,
    chat,
    sent,
    async close() {
      await Promise.all([cloudinary, ...others].map((one) => one.close()));
    },
  };
}
