import { z } from "zod";
import type { FullRecord } from "../console/shared/record.ts";
import type { Receiver } from "./receiver.ts";

/** Where to look at the result of a command, by its name in the output. */
export type Links = Readonly<Record<string, string>>;

/** A notification that was sent, and its record. */
interface Recorded {
  sending: { id: string };
  record: FullRecord;
}

const mailsSchema = z.object({
  mails: z.array(z.object({ id: z.string(), customArgs: z.record(z.string(), z.string()) })),
});

/** Pages of the console about sent notifications, and the emulator's mailbox if `localUrl` has one. */
export async function linksOf(
  sent: readonly Recorded[],
  { receiver, sku, localUrl }: { receiver: Receiver; sku: string | null; localUrl: string | null },
): Promise<Links> {
  const last = sent.at(-1);
  if (last === undefined) return {};
  const handlers = new Set(sent.flatMap(({ record }) => record.deliveries.map(({ handler }) => handler)));
  const mail = localUrl !== null && handlers.has("email") ? await mailOf(last, localUrl) : null;
  return {
    notification: `${receiver.url}/console/notifications/${last.sending.id}`,
    ...(sku !== null &&
      handlers.has("pim") && { product: `${receiver.url}/console/product?sku=${encodeURIComponent(sku)}` }),
    ...(handlers.has("moderation") &&
      last.record.type.startsWith("moderation") && {
        board: `${receiver.url}/console/moderation?show=decided`,
      }),
    ...(mail !== null && { mail }),
    ...(localUrl !== null && { library: `${localUrl}${receiver.libraryPath}` }),
  };
}

/** The page of the mail about a notification; null if its stack has no mailbox. */
async function mailOf({ record }: Recorded, localUrl: string): Promise<string | null> {
  try {
    const response = await fetch(`${localUrl}/mailbox.json`, { signal: AbortSignal.timeout(10_000) });
    const { mails } = mailsSchema.parse(await response.json());
    const ids = new Set(record.deliveries.map(({ id }) => id));
    const mail = mails.find(({ customArgs }) => ids.has(customArgs.delivery_id ?? ""));
    return `${localUrl}/mailbox${mail === undefined ? "" : `/${encodeURIComponent(mail.id)}`}`;
  } catch {
    return null; // The stack uses a real SendGrid account.
  }
}
