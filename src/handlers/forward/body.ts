import type { Db } from "../../lib/database/pool.ts";
import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
import { withoutPrefix } from "../../lib/shared/asset-prefix.ts";
import type { ForwardTarget } from "../../settings.types.ts";

/** The type of a notification as Cloudinary names it, also if this receiver does not know it. */
export function typeOf({ content }: RecordedNotification): string {
  return content.type === "unknown" ? content.name : content.type;
}

/** JSON in the form that the target wants; null: the body is not JSON, or was deleted. */
export async function messageBody(
  notification: RecordedNotification,
  form: ForwardTarget["body"],
  db: Db,
): Promise<string | null> {
  const { id, content, receivedAt, cloud, byPublicHook } = notification;
  if (content.type === "unreadable") return null;
  const type = typeOf(notification);
  switch (form) {
    case "regular": {
      const { body } = content;
      const assets = content.assets.map(asCloudinaryHasIt);
      return JSON.stringify({ id, type, receivedAt, cloud, byPublicHook, assets, body });
    }
    case "cloudevents": {
      const subject = content.assets[0]?.public_id;
      return JSON.stringify({
        specversion: "1.0",
        id,
        source: `https://api.cloudinary.com/v1_1/${encodeURIComponent(cloud ?? "unknown")}`,
        type: `com.cloudinary.${type}`,
        time: receivedAt.toISOString(),
        ...(subject !== undefined && subject !== "" && { subject }),
        datacontenttype: "application/json",
        data: content.body,
      });
    }
    case "received":
    case undefined: {
      const { rows } = await db.query<{ body: Uint8Array }>(
        "select body from notifications where id = $1::uuid",
        [id],
      );
      return rows[0] ? new TextDecoder().decode(rows[0].body) : null;
    }
    default:
      return form satisfies never;
  }
}

/** Ids without the name of the cloud, which is sent beside them. */
function asCloudinaryHasIt(asset: Asset): Asset {
  const { identity, asset_id: id } = asset;
  return {
    ...asset,
    identity: withoutPrefix(identity),
    ...(id !== undefined && { asset_id: withoutPrefix(id) }),
  };
}
