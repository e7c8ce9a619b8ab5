import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type sgMail from "@sendgrid/mail";
import type { MailAccount } from "../../../config.types.ts";
import { rejectOnAbort } from "../../../lib/shared/deadline.ts";
import { beginCall } from "../../../lib/shared/exchange.ts";
import { isLoopback } from "../../../lib/shared/loopback.ts";
import type { Answer, MailProvider, MailRequest } from "./provider.ts";
import { answerOf, answerOfError } from "./sendgrid-response.ts";

/** A mail in the format of the client. */
type MailData = Exclude<Parameters<typeof sgMail.send>[0], readonly unknown[]>;

export interface SendgridOptions {
  region: "global" | "eu";
  timeoutMs: number;
}

/**
 * SendGrid's API through the official client. Never rejects: errors of the client contain the key and all recipients,
 * so only an `Answer` is returned. The packages are loaded with the first mail, not when the worker starts.
 */
export function sendgrid(account: MailAccount, options: SendgridOptions): MailProvider {
  let service: Promise<Service> | undefined;
  return {
    name: "SendGrid",
    maxRecipients: 1_000,
    repeatableMs: null,
    async post(request, signal) {
      const call = beginCall({ method: "POST", host: hostOf(account, options), path: "/v3/mail/send" });
      const clock = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs + 500)]);
      try {
        service ??= connect(account, options);
        const sending = (await service).send(dataOf(request));
        // The client's own timeout does not cover every phase of a request.
        const [response] = await Promise.race([sending, rejectOnAbort(clock)]);
        const { statusCode: status, headers, body } = response;
        const answer = answerOf(status, headers, body);
        if (answer.kind === "accepted") call.succeeded();
        else call.failed({ status, headers: Object(headers), body });
        return answer;
      } catch (error) {
        const answer: Answer = clock.aborted
          ? { kind: "unknown", error: "no response from SendGrid in time" }
          : answerOfError(error);
        if (answer.kind !== "accepted") call.failed({ error: answer.error });
        return answer;
      }
    },
  };
}

function hostOf(account: MailAccount, { region }: SendgridOptions): string {
  if (account.baseUrl !== null) return new URL(account.baseUrl).host;
  return region === "eu" ? "api.eu.sendgrid.com" : "api.sendgrid.com";
}

/** Built for each request, because the client modifies its argument. */
function dataOf({ mail, recipients, deliveryId, sandbox }: MailRequest): MailData {
  const { replacement, ...content } = mail;
  return {
    ...content,
    // The client puts {{ and }} around markers otherwise.
    ...(replacement && { substitutionWrappers: ["", ""] }),
    personalizations: recipients.map((email) => ({
      to: { email },
      customArgs: { delivery_id: deliveryId },
      ...(replacement && {
        substitutions: { [replacement.marker]: replacement.valueFor(email) },
      }),
    })),
    // Prevents automatic replies, and keeps unrelated mails out of one thread.
    headers: { "Auto-Submitted": "auto-generated", "X-Entity-Ref-ID": deliveryId },
    trackingSettings: {
      clickTracking: { enable: false, enableText: false },
      openTracking: { enable: false },
      subscriptionTracking: { enable: false },
    },
    ...(sandbox && { mailSettings: { sandboxMode: { enable: true } } }),
  };
}

/** The used part of the package's service; the published types omit the class and its `client`. */
interface Service {
  client: { setDataResidency(region: string): void; setDefaultRequest(defaults: object): void };
  setApiKey(apiKey: string): void;
  send: typeof sgMail.send;
}

function hasService(sdk: object): sdk is { MailService: new () => Service } {
  return "MailService" in sdk && typeof sdk.MailService === "function";
}

/** A separate instance instead of the package's shared one, so that no other code can change its key or host. */
async function connect(account: MailAccount, { region, timeoutMs }: SendgridOptions): Promise<Service> {
  const sdk: object = await import("@sendgrid/mail");
  if (!hasService(sdk)) throw new Error("@sendgrid/mail exports no MailService; the pinned version does");
  const service = new sdk.MailService();
  service.client.setDataResidency(region);
  service.setApiKey(account.apiKey); // Resets the host to the region's, so a custom host is set afterwards.
  service.client.setDefaultRequest({
    ...(account.baseUrl !== null && {
      baseUrl: account.baseUrl,
      ...(isLoopback(new URL(account.baseUrl)) && { proxy: false }),
    }),
    timeout: timeoutMs,
    // A redirect would send the key to another host, and hide whether a request was fully sent.
    maxRedirects: 0,
    // Every status is a response. The client's own error for them never settles in a directory whose name is not a valid regular expression.
    validateStatus: () => true,
    // A kept-alive connection that SendGrid has closed would look like a mail with an unknown outcome.
    httpAgent: new HttpAgent({ keepAlive: false }),
    httpsAgent: new HttpsAgent({ keepAlive: false }),
  });
  return service;
}
