import * as z from "zod";
import type { Json } from "../../../lib/deliveries/handler.ts";
import { maskAddress } from "../../../lib/shared/redact.ts";
import { recipientKey } from "../recipients.ts";

const schema = z.object({
  /** The delivery returned from a `wait` and can be sent in a digest. */
  waited: z.boolean().catch(false),
  /** Recipients that have the mail: hashed key and masked address. */
  accepted: z.array(z.object({ key: z.string(), recipient: z.string() })).catch([]),
  messageIds: z.array(z.string()).catch([]),
  /** The second mail about something that waits for a decision. */
  reminder: z.boolean().catch(false),
  /** Part of the daily list: it is not sent alone. */
  list: z.boolean().catch(false),
  /** How many recipients were to follow in further requests when the last one was sent. */
  unsent: z.number().catch(0),
  /** A request that the provider recognises when it is repeated, and whose outcome was not known yet; `at` in milliseconds. */
  pending: z.object({ key: z.string(), at: z.number() }).optional().catch(undefined),
});

/** The state that is stored between the attempts of a delivery. */
export type Progress = z.infer<typeof schema>;

export function readProgress(stored: Json | null): Progress {
  return schema.parse(Object(stored));
}

export function progressJson({
  waited,
  accepted,
  messageIds,
  reminder,
  list,
  unsent,
  pending,
}: Progress): Json {
  return {
    waited,
    accepted,
    messageIds,
    ...(reminder && { reminder }),
    ...(list && { list }),
    ...(unsent > 0 && { unsent }),
    ...(pending && { pending }),
  };
}

export function withAccepted(
  progress: Progress,
  addresses: readonly string[],
  messageIds: readonly string[],
): Progress {
  return {
    ...progress,
    accepted: [
      ...progress.accepted,
      ...addresses.map((address) => ({ key: recipientKey(address), recipient: maskAddress(address) })),
    ],
    messageIds: [...progress.messageIds, ...messageIds],
  };
}

export function stillToSend(progress: Progress, recipients: readonly string[]): string[] {
  const accepted = new Set(progress.accepted.map(({ key }) => key));
  return recipients.filter((address) => !accepted.has(recipientKey(address)));
}
