import type { HandlerContext, RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { CloudinaryNotification } from "../../lib/notifications/notification.ts";
import { parse } from "../../lib/notifications/parse.ts";
import { ceiling } from "../../lib/shared/ceiling.ts";

/** Whether the mail would request a decision that has already been made. */
export async function isAlreadyDecided(
  { db, settings }: Pick<HandlerContext, "db" | "settings">,
  notification: RecordedNotification,
): Promise<boolean> {
  const { content } = notification;
  if (!asksForDecision(content)) return false;
  const [asset] = content.assets;
  if (asset?.asset_id === undefined || asset.version === undefined) return false;
  const { rows } = await db.query<{ body: Uint8Array; heardAt: Date }>(
    `select body, coalesce(signed_at, received_at) as "heardAt" from notifications n
     where asset_id = $1 and version = $2::bigint and type in ('moderation', 'moderation_summary')
       and not exists (
         select from deliveries d
         where d.notification_id = n.id and d.handler = 'moderation' and d.state = 'held' and d.last_error = 'not-confirmed')
     order by received_at desc limit 50`,
    [asset.asset_id, asset.version],
  );
  const askedAt = content.occurredAt ?? notification.signedAt ?? notification.receivedAt;
  // Cloudinary's decision times have a resolution of one second.
  const from = Math.floor(askedAt.getTime() / 1_000) * 1_000;
  return rows.some(({ body, heardAt }) => {
    const parsed = parse(body, ceiling(heardAt, settings));
    if (!parsed.ok || !("decisions" in parsed.notification)) return false;
    const { decisions, occurredAt = heardAt } = parsed.notification;
    return decisions.some(
      ({ status, at = occurredAt }) =>
        (status === "approved" || status === "rejected") && at.getTime() >= from,
    );
  });
}

function asksForDecision(content: CloudinaryNotification): boolean {
  switch (content.type) {
    case "moderation":
    case "moderation_summary":
      return content.decisions.at(-1)?.status === "pending";
    case "upload":
      return content.decisions.some(({ status }) => status === "pending");
    case "info":
      return content.info.kind === "cloudinary_ai" && content.info.status === "complete";
    default:
      return false;
  }
}
