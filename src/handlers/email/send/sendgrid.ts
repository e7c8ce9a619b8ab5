import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type sgMail from "@sendgrid/mail";
import type { MailAccount } from "../../../config.ts";
import { rejectOnAbort } from "../../../lib/shared/deadline.ts";
import { isLoopback } from "../../../lib/shared/loopback.ts";
import { type Answer, answerOf, answerOfError } from "./sendgrid-response.ts";

/** A mail as the client takes it. */
export type MailData = Exclude<Parameters<typeof sgMail.send>[0], readonly unknown[]>;

export type Post = (mail: MailData, signal: AbortSignal) => Promise<Answer>;

export interface SendgridOptions {
  region: "global" | "eu";
  timeoutMs: number;
}

/**
 * SendGrid's API through the official client. Never rejects: what the client throws holds the key and every recipient,
 * so only an `Answer` leaves here. The packages load at the first mail, not at the worker's start.
 */
export function sendgrid(account: MailAccount, options: SendgridOptions): Post {
  let service: Promise<Service> | undefined;
  return async (mail, signal) => {
    const clock = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs + 500)]);
    try {
      service ??= connect(account, options);
      const sending = (await service).send(mail);
      // A second clock beside the client's own, whose timeout does not cover everything.
      const [response] = await Promise.race([sending, rejectOnAbort(clock)]);
      return answerOf(response.statusCode, response.headers, response.body);
    } catch (error) {
      return clock.aborted
        ? { kind: "unknown", error: "no answer from SendGrid in time" }
        : answerOfError(error);
    }
  };
}

/** The part of the package's service that is used; its types leave out the class and its `client`. */
interface Service {
  client: { setDataResidency(region: string): void; setDefaultRequest(defaults: object): void };
  setApiKey(apiKey: string): void;
  send: typeof sgMail.send;
}

function hasService(sdk: object): sdk is { MailService: new () => Service } {
  return "MailService" in sdk && typeof sdk.MailService === "function";
}

/** A service of its own, not the package's shared one: nobody else can change its key or host. */
async function connect(account: MailAccount, { region, timeoutMs }: SendgridOptions): Promise<Service> {
  const sdk: object = await import("@sendgrid/mail");
  if (!hasService(sdk)) throw new Error("@sendgrid/mail exports no MailService; the pinned version does");
  const service = new sdk.MailService();
  service.client.setDataResidency(region);
  service.setApiKey(account.apiKey); // Sets the host back to the region's, so ours comes after it.
  service.client.setDefaultRequest({
    ...(account.baseUrl !== null && {
      baseUrl: account.baseUrl,
      ...(isLoopback(new URL(account.baseUrl)) && { proxy: false }),
    }),
    timeout: timeoutMs,
    // With redirects the key would go wherever an answer points, and nothing could say whether a request went out whole.
    maxRedirects: 0,
    // Every status is an answer. The client's own error for them never settles in a directory whose name is no regular expression.
    validateStatus: () => true,
    // A kept connection that SendGrid has closed would look like a mail lost on the way.
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  });
  return service;
}
