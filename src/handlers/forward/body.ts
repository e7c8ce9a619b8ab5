import type { Db } from "../../lib/database/pool.ts";
import type { RecordedNotification, Settlement } from "../../lib/deliveries/handler.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
import { withoutPrefix } from "../../lib/shared/asset-prefix.ts";
import type { ForwardTarget } from "../../settings.types.ts";

/** Also when the body was deleted. */
const notJson = { kind: "skip", reason: "not-json" } as const;

/** The type of a notification as Cloudinary names it, also if this receiver does not know it. */
export function typeOf({ content }: RecordedNotification): string {
  return content.type === "unknown" ? content.name : content.type;
}

/** JSON in the form that the target wants, or how the delivery ends because there is none. */
export async function messageBody(
  notification: RecordedNotification,
  form: ForwardTarget["body"],
  db: Db,
): Promise<string | Settlement> {
  const { id, content, receivedAt, cloud, byPublicHook } = notification;
  if (content.type === "unreadable") return notJson;
  const type = typeOf(notification);
  switch (form) {
    case "regular": {
      const { body } = content;
      const assets = content.assets.map(asCloudinaryHasIt);
      return written(form, { id, type, receivedAt, cloud, byPublicHook, assets, body });
    }
    case "cloudevents": {
      const subject = content.assets[0]?.public_id;
      return written(form, {
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
      return rows[0] ? new TextDecoder().decode(rows[0].body) : notJson;
    }
    default:
      return form satisfies never;
  }
}

/** `JSON.parse` reads any depth, but `JSON.stringify` needs the stack for each level. */
function written(form: string, message: object): string | Settlement {
  try {
    return JSON.stringify(message);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return {
      kind: "give-up",
      error: `the body is nested too deeply for the form ${form}; the form received sends it as it is`,
    };
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
