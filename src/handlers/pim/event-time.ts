import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import { exactInstant } from "../../lib/notifications/instant.ts";
import type { Asset, CloudinaryNotification } from "../../lib/notifications/notification.ts";
import { isObject } from "../../lib/notifications/wire.ts";
import type { Instant } from "./facts.ts";

/**
 * The time of the event: from the body, or else the time of the signature. Retries are signed again, so the latter can be too
 * late.
 */
export function happenedAt({ content, signedAt, receivedAt }: RecordedNotification): Instant {
  return triggeredAt(content) ?? (content.occurredAt ?? signedAt ?? receivedAt).toISOString();
}

/**
 * The latest time at which the asset is known to have had the name in the body. The `timestamp` of eager results is when they
 * finished; the asset may have been renamed by then, so the time of its upload is used instead.
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

/** As text, with microseconds. */
function triggeredAt(content: CloudinaryNotification): Instant | null {
  if (!("body" in content) || !isObject(content.body)) return null;
  const { notification_context: context } = content.body;
  return (isObject(context) ? exactInstant(context.triggered_at) : undefined) ?? null;
}
