import type { JsonObject } from "../shared/json.ts";
import type { Common } from "./define.ts";
import type { registry } from "./registry.ts";
import type { NotificationType } from "./types.ts";

export type { DeliveryUrl } from "../cloudinary/delivery-url.ts";
export type { Asset } from "./asset.ts";
export type { Context, Metadata } from "./context.ts";
export type { Decision } from "./decision.ts";
export type { Common, TriggeredBy } from "./define.ts";
export type { GeneratedImage } from "./images.ts";
export type { AccessRule, Change } from "./schemas/changes.ts";
export type { Derived } from "./schemas/derived.ts";
export type { Info, VideoTag } from "./schemas/info.ts";
export type { NotificationType } from "./types.ts";

type Passed<C> = C extends { ok: true; notification: infer N } ? N : never;

/** A notification of one of the known types, by its type: `NotificationOf<"eager">`. */
export type NotificationOf<T extends NotificationType> = Passed<ReturnType<(typeof registry)[T]["check"]>>;

/** A body made by a trigger's own `payload_template`: an object without a type. Only settings know what is in it. */
export interface CustomNotification extends Common {
  type: "custom";
  body: JsonObject;
}

/** A type that Cloudinary has added since; kept whole, to be read once its schema is here. */
export interface UnknownNotification extends Common {
  type: "unknown";
  name: string;
  body: JsonObject;
}

/** A signed body that is no JSON object. */
export interface UnreadableNotification extends Common {
  type: "unreadable";
  reason: "empty" | "byte-order-mark" | "not-utf-8" | "not-json" | "not-an-object";
}

/** What Cloudinary sent, made regular; `body` is the JSON as it came. */
export type CloudinaryNotification =
  | { [T in NotificationType]: NotificationOf<T> }[NotificationType]
  | CustomNotification
  | UnknownNotification
  | UnreadableNotification;
