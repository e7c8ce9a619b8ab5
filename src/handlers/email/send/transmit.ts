import { createHash } from "node:crypto";
import { maskAddress } from "../../../lib/shared/redact.ts";
import { recipientKey } from "../recipients.ts";
import type { RefusedRecipient } from "../refused-recipients.ts";
import { type Progress, withAccepted } from "./progress.ts";
import type { Answer, Mail, MailProvider, RefusedPosition } from "./provider.ts";

export interface TransmitOptions {
  provider: MailProvider;
  deliveryId: string;
  signal: AbortSignal;
  /** Nothing may reach a recipient. */
  sandbox: boolean;
  progress: Progress;
  /** The next attempt composes the same mail, so that a request with an unknown outcome can be repeated then. */
  isRepeatable: boolean;
  /** Called before a request that is not the only one, so that a crash does not repeat an earlier one, and before a repeatable one. */
  save: (progress: Progress) => Promise<void>;
}

export interface Transmitted {
  progress: Progress;
  refused: RefusedRecipient[];
  /** Why sending stopped early; null when all requests were sent. */
  stopped: Exclude<Answer, { kind: "accepted" }> | null;
}

/** How often one attempt sends a request with an unknown outcome, if the provider recognises it. */
const maxRepeats = 1;

/** Sends the mail to each recipient separately. Recipients that the provider rejects are skipped, and the others get the mail in the same attempt. */
export async function transmit(
  mail: Mail,
  recipients: readonly string[],
  options: TransmitOptions,
): Promise<Transmitted> {
  const { provider } = options;
  const transmitted: Transmitted = { progress: options.progress, refused: [], stopped: null };
  let left = [...recipients];
  let requests = 0;
  let repeats = 0;
  while (left.length > 0 && transmitted.stopped === null) {
    const chunk = left.slice(0, provider.maxRecipients);
    const key = requestKey(options.deliveryId, mail, chunk);
    const pending = pendingOf(transmitted.progress, key, options);
    if (pending === "lost") {
      const { pending: _, ...progress } = transmitted.progress;
      const error = "an earlier request has an unknown outcome, and can no longer be repeated";
      return { ...transmitted, progress, stopped: { kind: "unknown", error } };
    }
    const unsent = left.length - chunk.length;
    transmitted.progress = { ...transmitted.progress, unsent, ...(pending && { pending }) };
    if (requests > 0 || unsent > 0 || pending) await options.save(transmitted.progress);
    if (options.signal.aborted) {
      transmitted.stopped = {
        kind: "unavailable",
        error: "the deadline passed before all requests were sent",
      };
      break;
    }
    requests += 1;
    const { deliveryId, sandbox } = options;
    const request = { mail, recipients: chunk, deliveryId, key, sandbox };
    const answer = await provider.post(request, options.signal);
    if (answer.kind === "unknown") {
      if (provider.repeatableMs !== null && repeats < maxRepeats && !options.signal.aborted) {
        repeats += 1;
        continue;
      }
      transmitted.stopped = answer;
      break;
    }
    const { pending: _, ...settled } = transmitted.progress;
    transmitted.progress = settled;
    const bad = badRecipients(
      chunk,
      answer.kind === "unavailable"
        ? []
        : answer.kind === "refused"
          ? answer.positions
          : (answer.refused ?? []),
    );
    for (const [address, reason] of bad)
      transmitted.refused.push({ key: recipientKey(address), recipient: maskAddress(address), reason });
    if (answer.kind === "accepted") {
      const accepted = chunk.filter((address) => !bad.has(address));
      transmitted.progress = withAccepted(transmitted.progress, accepted, answer.messageIds);
      left = left.slice(chunk.length);
      continue;
    }
    left = left.filter((address) => !bad.has(address));
    if (bad.size === 0) transmitted.stopped = answer;
  }
  return transmitted;
}

/** `lost`: an earlier request has an unknown outcome, and the provider would take this one for another mail. */
function pendingOf(
  { pending }: Progress,
  key: string,
  { provider: { repeatableMs }, isRepeatable }: TransmitOptions,
): Progress["pending"] | "lost" {
  if (pending)
    return repeatableMs !== null && pending.key === key && Date.now() - pending.at < repeatableMs
      ? pending
      : "lost";
  return repeatableMs !== null && isRepeatable ? { key, at: Date.now() } : undefined;
}

/** The same content has the same key, and any other has another one. */
function requestKey(deliveryId: string, mail: Mail, recipients: readonly string[]): string {
  const { from, subject, html, text } = mail;
  const content = JSON.stringify([from, subject, html, text, recipients]);
  return `${deliveryId}.${createHash("sha256").update(content).digest("hex").slice(0, 32)}`;
}

function badRecipients(chunk: readonly string[], positions: readonly RefusedPosition[]): Map<string, string> {
  return new Map(
    positions.flatMap(({ position, reason }) => {
      const address = chunk[position];
      return address === undefined ? [] : [[address, reason] as const];
    }),
  );
}
