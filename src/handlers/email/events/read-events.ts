import * as z from "zod";
import { storable } from "../../../lib/database/jsonb.ts";
import { maskAddress, redact } from "../../../lib/shared/redact.ts";
import { recipientKey } from "../recipients.ts";

/** An event about a mail of this receiver. */
export interface MailEvent {
  eventId: string;
  deliveryId: string;
  recipientKey: string;
  /** Masked. */
  recipient: string;
  event: "processed" | "delivered" | "bounced" | "dropped" | "spam";
  reason: string | null;
  at: string;
}

/** SendGrid's names; deferrals, opens and clicks are not stored. */
const names = new Map<string, MailEvent["event"]>([
  ["processed", "processed"],
  ["delivered", "delivered"],
  ["bounce", "bounced"],
  ["dropped", "dropped"],
  ["spamreport", "spam"],
]);

/** The custom argument `delivery_id` of each mail is a member of its events. */
const schema = z.object({
  email: z.string().max(1_000),
  timestamp: z.number().min(0).max(32_503_680_000),
  event: z.string(),
  sg_event_id: z.string().min(1).max(200),
  delivery_id: z.uuid(),
  reason: z.string().nullish(),
});

/** Those that concern mails of this receiver; null if the body is not a list. Other mails of the account have no `delivery_id`. */
export function readEvents(body: Uint8Array): MailEvent[] | null {
  const list = parsed(body);
  if (!Array.isArray(list)) return null;
  return list.flatMap((entry: unknown) => {
    const read = schema.safeParse(entry);
    const event = read.success ? names.get(read.data.event) : undefined;
    if (!read.success || event === undefined) return [];
    const { email, timestamp, sg_event_id: eventId, delivery_id: deliveryId, reason } = read.data;
    return [
      {
        eventId: storable(eventId),
        deliveryId,
        recipientKey: recipientKey(email),
        recipient: storable(maskAddress(email)),
        event,
        reason: reason ? storable(redact(reason)).slice(0, 500) : null,
        at: new Date(timestamp * 1_000).toISOString(),
      },
    ];
  });
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return null;
  }
}
