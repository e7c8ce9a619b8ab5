import { type Posting, postSigned } from "./post.ts";
import type { Receiver } from "./receiver.ts";
import type { Sent } from "./report.ts";
import { UserError } from "./user-error.ts";
import { watchRecord } from "./watch.ts";

/** Longer than a cold start, the nudge and a few calls to SendGrid take together. */
export const patienceMs = 30_000;

/** Posts a signed body and follows its record until the deliveries have ended, or wait for a later try. */
export async function sendAndWatch(receiver: Receiver, posting: Posting): Promise<Sent> {
  const sending = await postSigned(receiver, posting);
  try {
    return { sending, ...(await watchRecord(receiver, sending.id, patienceMs)) };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(`Recorded as ${sending.id}. ${cause.message}`, 1, { cause });
  }
}
