import { maskAddress } from "../../../lib/shared/redact.ts";
import { recipientKey } from "../recipients.ts";
import type { RefusedRecipient } from "../refused-recipients.ts";
import { type Progress, withAccepted } from "./progress.ts";
import type { MailData, Post } from "./sendgrid.ts";
import type { Answer } from "./sendgrid-response.ts";

export interface Mail {
  from: string;
  /** One line. */
  subject: string;
  html: string;
  text: string;
}

export interface TransmitOptions {
  post: Post;
  deliveryId: string;
  signal: AbortSignal;
  /** SendGrid validates the mail without delivering it. */
  sandbox: boolean;
  progress: Progress;
  /** Called before a request that is not the only one, so that a crash does not repeat an earlier one. */
  save: (progress: Progress) => Promise<void>;
}

export interface Transmitted {
  progress: Progress;
  refused: RefusedRecipient[];
  /** Why sending stopped early; null when all requests were sent. */
  stopped: Exclude<Answer, { kind: "accepted" }> | null;
}

/** SendGrid's limit for one request. */
const maxRecipients = 1_000;

/** Sends the mail to each recipient separately. Recipients that SendGrid rejects are skipped, and the others get the mail in the same attempt. */
export async function transmit(
  mail: Mail,
  recipients: readonly string[],
  options: TransmitOptions,
): Promise<Transmitted> {
  const transmitted: Transmitted = { progress: options.progress, refused: [], stopped: null };
  let left = [...recipients];
  let requests = 0;
  while (left.length > 0 && transmitted.stopped === null) {
    const unsent = Math.max(0, left.length - maxRecipients);
    transmitted.progress = { ...transmitted.progress, unsent };
    if (requests > 0 || unsent > 0) await options.save(transmitted.progress);
    if (options.signal.aborted) {
      transmitted.stopped = {
        kind: "unavailable",
        error: "the deadline passed before all requests were sent",
      };
      break;
    }
    requests += 1;
    const chunk = left.slice(0, maxRecipients);
    const answer = await options.post(dataOf(mail, chunk, options), options.signal);
    if (answer.kind === "accepted") {
      transmitted.progress = withAccepted(transmitted.progress, chunk, answer.messageId);
      left = left.slice(chunk.length);
      continue;
    }
    const bad =
      answer.kind === "refused" ? badRecipients(chunk, answer.positions) : new Map<string, string>();
    for (const [address, reason] of bad)
      transmitted.refused.push({ key: recipientKey(address), recipient: maskAddress(address), reason });
    left = left.filter((address) => !bad.has(address));
    if (bad.size === 0) transmitted.stopped = answer;
  }
  return transmitted;
}

function badRecipients(
  chunk: readonly string[],
  positions: readonly { position: number; reason: string }[],
): Map<string, string> {
  return new Map(
    positions.flatMap(({ position, reason }) => {
      const address = chunk[position];
      return address === undefined ? [] : [[address, reason] as const];
    }),
  );
}

/** Built for each request, because the client modifies its argument. */
function dataOf(
  mail: Mail,
  recipients: readonly string[],
  { deliveryId, sandbox }: TransmitOptions,
): MailData {
  return {
    ...mail,
    personalizations: recipients.map((email) => ({ to: { email }, customArgs: { delivery_id: deliveryId } })),
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
