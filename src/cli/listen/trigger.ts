import type { CloudinaryAccount } from "../../config.types.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { createTrigger, listTriggers, removeTrigger, type Trigger } from "../../lib/cloudinary/triggers.ts";

export interface PollTrigger {
  id: string;
  /** It was there already. */
  found: boolean;
}

/** The trigger that sends every type to the channel, made if it is missing. Throws `CloudinaryError`. */
export async function ensureTrigger(
  account: CloudinaryAccount,
  channel: string,
  signal: AbortSignal,
): Promise<PollTrigger> {
  const there = await find(account, channel, signal);
  if (there !== undefined) return { id: there.id, found: true };
  try {
    const trigger = {
      uri: `poll://${channel}`,
      uriType: "poll",
      eventType: "all",
      // Also what calls and presets send to a notification_url of their own.
      additive: true,
    } as const;
    const { id } = await createTrigger(account, trigger, { signal });
    return { id, found: false };
  } catch (error) {
    // Another process created it, or the response to an earlier attempt was lost.
    const made =
      error instanceof CloudinaryError && error.code === 409
        ? await find(account, channel, signal)
        : undefined;
    if (made === undefined) throw error;
    return { id: made.id, found: true };
  }
}

/** Throws `CloudinaryError`. */
export async function dropTrigger(account: CloudinaryAccount, channel: string): Promise<void> {
  const limits = { timeoutMs: 5_000 };
  const triggers = await listTriggers(account, limits);
  for (const { id } of triggers.filter((one) => isOf(one, channel))) await removeTrigger(account, id, limits);
}

async function find(
  account: CloudinaryAccount,
  channel: string,
  signal: AbortSignal,
): Promise<Trigger | undefined> {
  return (await listTriggers(account, { signal })).find((one) => isOf(one, channel));
}

const isOf = ({ uri, event_type }: Trigger, channel: string): boolean =>
  uri === `poll://${channel}` && event_type === "all";
