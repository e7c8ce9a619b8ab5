import { join } from "node:path";
import { localWidgetToken } from "../lib/cloudinary/local-widget.ts";
import type { LocalAkeneo } from "./akeneo/local-akeneo.ts";
import { localCloudinary } from "./cloudinary/local-cloudinary.ts";
import type { LocalCloudinaryOptions, SentNotification } from "./cloudinary/store/cloud.ts";
import { control } from "./control.ts";
import { guarded } from "./guard.ts";
import { localSendgrid } from "./sendgrid/local-sendgrid.ts";
import type { Fetch } from "./server.ts";

export interface StandInsOptions extends LocalCloudinaryOptions {
  /** The one SendGrid key that is let in; any, when missing. */
  sendgridApiKey?: string;
  /** Served along, if there is one. */
  akeneo?: LocalAkeneo | null;
  /** Origins of other pages that may call, besides the services' own. */
  origins?: readonly string[];
}

export type StandIns = Awaited<ReturnType<typeof standIns>>;

/** Tries of notifications that `/_control/notifications` remembers. */
const maxSent = 500;

/** All stand-ins behind one `fetch`, for `serve`. */
export async function standIns(options: StandInsOptions) {
  const { sendgridApiKey, akeneo = null, origins, dataDir, ...rest } = options;
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
      (await control({ cloudinary, sendgrid, akeneo, sent }, request)) ??
      (await cloudinary.fetch(request)) ??
      (await sendgrid.fetch(request)) ??
      (await akeneo?.fetch(request));
    return (
      answer ?? new Response("Nothing here. There are /library, /widget and /mailbox.\n", { status: 404 })
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
