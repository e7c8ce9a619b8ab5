import { type Posting, postSigned } from "./post.ts";
import type { Receiver } from "./receiver.ts";
import type { Sent } from "./report.ts";
import { UserError } from "./user-error.ts";
import { patienceMs, watchRecord } from "./watch.ts";

/** Posts a signed body and reads its record until the deliveries are finished or scheduled for a retry. */
export async function sendAndWatch(receiver: Receiver, posting: Posting): Promise<Sent> {
  const sending = await postSigned(receiver, posting);
  try {
    return { sending, ...(await watchRecord(receiver, sending.id, patienceMs)) };
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    throw new UserError(`Recorded as ${sending.id}. ${cause.message}`, 1, { cause });
  }
}
