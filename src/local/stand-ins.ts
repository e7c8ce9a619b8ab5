import { join } from "node:path";
import { localCloudinary } from "./cloudinary/local-cloudinary.ts";
import type { LocalCloudinaryOptions, SentNotification } from "./cloudinary/store/cloud.ts";
import { control } from "./control.ts";
import { localSendgrid } from "./sendgrid/local-sendgrid.ts";
import type { Fetch } from "./server.ts";

export interface StandInsOptions extends LocalCloudinaryOptions {
  /** The one SendGrid key that is let in; any, when missing. */
  sendgridApiKey?: string;
}

export type StandIns = Awaited<ReturnType<typeof standIns>>;

/** Tries of notifications that `/_control/notifications` remembers. */
const mostSent = 500;

/** All stand-ins behind one `fetch`, for `serve`. */
export async function standIns(options: StandInsOptions) {
  const { sendgridApiKey, dataDir, ...rest } = options;
  const sent: SentNotification[] = [];
  const cloudinary = await localCloudinary({
    ...rest,
    dataDir: join(dataDir, "cloudinary"),
    log(one) {
      sent.push(one);
      if (sent.length > mostSent) sent.shift();
      options.log?.(one);
    },
  });
  const sendgrid = await localSendgrid({
    dataDir: join(dataDir, "sendgrid"),
    ...(sendgridApiKey === undefined ? {} : { apiKey: sendgridApiKey }),
    ...(options.now === undefined ? {} : { now: options.now }),
  });

  const fetch: Fetch = async (request) => {
    // Only services are for every name this machine goes by: a foreign name that points here must not read the rest.
    const { pathname, hostname } = new URL(request.url);
    const isForPeople = /^\/(_control|library|mailbox|widget)\b/.test(pathname);
    if (isForPeople && !["127.0.0.1", "localhost", "[::1]"].includes(hostname)) {
      return new Response("Open this page as http://127.0.0.1.\n", { status: 421 });
    }
    const answer =
      (await control({ cloudinary, sendgrid, sent }, request)) ??
      (await cloudinary.fetch(request)) ??
      (await sendgrid.fetch(request));
    return (
      answer ?? new Response("Nothing here. There are /library, /widget and /mailbox.\n", { status: 404 })
    );
  };

  return { fetch, cloudinary, sendgrid, sent, close: () => cloudinary.close() };
}
