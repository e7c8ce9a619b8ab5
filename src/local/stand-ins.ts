import { join } from "node:path";
import { localWidgetToken } from "../lib/cloudinary/local-widget.ts";
import type { LocalAkeneo } from "./akeneo/local-akeneo.ts";
import { localCloudinary } from "./cloudinary/local-cloudinary.ts";
import type { LocalCloudinaryOptions, SentNotification } from "./cloudinary/store/cloud.ts";
import { control } from "./control.ts";
import { guarded } from "./guard.ts";
import type { LocalRekognition } from "./rekognition/local-rekognition.ts";
import { localSendgrid } from "./sendgrid/local-sendgrid.ts";
import type { Fetch } from "./server.ts";

export interface StandInsOptions extends LocalCloudinaryOptions {
  /** The only accepted SendGrid key; if absent, every key is accepted. */
  sendgridApiKey?: string;
  /** The Akeneo emulator, if it is enabled. */
  akeneo?: LocalAkeneo | null;
  /** The Rekognition emulator, if it is enabled. */
  rekognition?: LocalRekognition | null;
  /** Allowed origins of other pages, in addition to the services' own. */
  origins?: readonly string[];
}

export type StandIns = Awaited<ReturnType<typeof standIns>>;

/** The number of attempts that `/_control/notifications` keeps. */
const maxSent = 500;

/** All emulators in one `fetch` function, for `serve`. */
export async function standIns(options: StandInsOptions) {
  const { sendgridApiKey, akeneo = null, rekognition = null, origins, dataDir, ...rest } = options;
  const sent: SentNotification[] = [];
  const cloudinary = await localCloudinary({
    ...rest,
    dataDir: join(dataDir, "cloudinary"),
    log(call) {
      sent.push(call);
      if (sent.length > maxSent) sent.shift();
      options.log?.(call);
    },
  });
  const sendgrid = await localSendgrid({
    dataDir: join(dataDir, "sendgrid"),
    ...(sendgridApiKey === undefined ? {} : { apiKey: sendgridApiKey }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });

  const fetch: Fetch = async (request) => {
    const answer =
      (await control({ cloudinary, sendgrid, akeneo, rekognition, sent }, request)) ??
      (await cloudinary.fetch(request)) ??
      (await sendgrid.fetch(request)) ??
      (await akeneo?.fetch(request)) ??
      (await rekognition?.fetch(request));
    return (
      answer ?? new Response("Not found. Available pages: /library, /widget, /mailbox.\n", { status: 404 })
    );
  };

  return {
    fetch: guarded(fetch, {
      ...(origins === undefined ? {} : { origins }),
      widgetToken: localWidgetToken(options.apiSecret),
    }),
    cloudinary,
    sendgrid,
    sent,
    close: () => cloudinary.close(),
  };
}
