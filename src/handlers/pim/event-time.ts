import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import { exactInstant } from "../../lib/notifications/instant.ts";
import type { Asset, CloudinaryNotification } from "../../lib/notifications/notification.ts";
import { isObject } from "../../lib/notifications/wire.ts";
import type { Instant } from "./facts.ts";

/**
 * When it happened: as the body says, else when it was signed. A body without an instant of its own is signed anew for each
 * retry, so the latter can be late.
 */
export function happenedAt({ content, signedAt, receivedAt }: RecordedNotification): Instant {
  return triggeredAt(content) ?? (content.occurredAt ?? signedAt ?? receivedAt).toISOString();
}

/**
 * An instant at or before which the asset had the name that the body gives it, as near as can be told. The `timestamp` of
 * eager results is when they were done: the asset may have got another name by then, so its upload is the safe side.
 */
export function namedAt(content: CloudinaryNotification, asset: Asset): Instant {
  const exact = triggeredAt(content);
  if (exact !== null) return exact;
  const { version } = asset;
  if (version !== undefined && version > 0 && version < latestSecond)
    return new Date(version * 1_000).toISOString();
  return (content.occurredAt ?? new Date(0)).toISOString();
}

const latestSecond = 100_000_000_000;

/** To the microsecond, as text. */
function triggeredAt(content: CloudinaryNotification): Instant | null {
  if (!("body" in content) || !isObject(content.body)) return null;
  const { notification_context: context } = content.body;
  return (isObject(context) ? exactInstant(context.triggered_at) : undefined) ?? null;
}
