import * as z from "zod";
import type { JsonObject } from "../shared/json.ts";
import type { Asset } from "./asset.ts";
import { instant, instantOrUnixTime } from "./instant.ts";
import type { NotificationType } from "./types.ts";
import { envelope } from "./wire.ts";

/** The fields of every notification. */
export interface Common {
  /** All assets in the body; empty for types without assets, such as folder notifications. */
  assets: Asset[];
  /** The time of the event in the body; absent in older bodies. */
  occurredAt?: Date;
  triggeredBy?: TriggeredBy;
  /** The API key whose secret signed it, according to the body; not verified. */
  signatureKey?: string;
  requestId?: string;
  /**
   * The paths of values that were later than the signature allows, such as `version`, `notification_context.triggered_at` or
   * `resources[0].version`. Here and in `body` they are lowered to the limit. The recorded bytes are unchanged.
   */
  clamped?: readonly string[];
}

export interface TriggeredBy {
  /** `api`, `ui`, ... */
  source?: string;
  /** The API key, for an API call. */
  id?: string;
}

export interface Issue {
  path: string;
  message: string;
}

/** A body of a thousand assets can have an error in each; the first ones show what is wrong. */
const MAX_ISSUES = 20;

export type Checked<N> = { ok: true; notification: N } | { ok: false; issues: Issue[] };

type Envelope = z.output<z.ZodObject<typeof envelope, z.core.$loose>>;

/** A type of notification: its schema, its normalisation, and its texts in docs/notifications.md. */
export interface Definition<T extends string, B extends JsonObject, D extends object> {
  schema: z.ZodType<B>;
  /** When Cloudinary sends it. */
  when: string;
  /** The fields for handlers in addition to the common ones. */
  carries: string;
  check(body: JsonObject): Checked<Common & { type: T; body: B } & D>;
}

/** The schema of a type: its fields in addition to the common ones; unknown fields are kept. */
export function wire<T extends NotificationType, S extends z.core.$ZodLooseShape>(type: T, fields: S) {
  return z.looseObject({ notification_type: z.literal(type), ...envelope, ...fields });
}

export function define<T extends NotificationType, B extends Envelope, D extends { assets: Asset[] }>(
  type: T,
  parts: { schema: z.ZodType<B>; when: string; carries: string; read: (body: B) => D },
): Definition<T, B, D> {
  const { schema, when, carries, read } = parts;
  // The body itself is kept, not the schema's copy, which lacks keys named `__proto__`.
  function isBody(body: unknown, issues: Issue[]): body is B {
    const found = schema.safeParse(body).error?.issues ?? [];
    for (const { path, message } of found.slice(0, MAX_ISSUES))
      issues.push({ path: z.core.toDotPath(path), message });
    return issues.length === 0;
  }
  return {
    schema,
    when,
    carries,
    check(body) {
      const issues: Issue[] = [];
      if (!isBody(body, issues)) return { ok: false, issues };
      // Assigned to the result of `read` instead of spread, so that lazy getters are preserved.
      const notification = Object.assign(read(body), { type, body });
      return { ok: true, notification: withCommon(notification, body) };
    },
  };
}

function withCommon<N extends object>(notification: N, body: Envelope & { moderation_updated_at?: unknown }) {
  const made: N & Omit<Common, "assets"> = notification;
  const context = body.notification_context;
  const occurredAt =
    instant(context?.triggered_at) ??
    instant(body.moderation_updated_at) ??
    instantOrUnixTime(body.timestamp);
  if (occurredAt) made.occurredAt = occurredAt;
  if (context?.triggered_by) made.triggeredBy = triggeredBy(context.triggered_by);
  if (body.signature_key) made.signatureKey = String(body.signature_key);
  if (body.request_id) made.requestId = String(body.request_id);
  return made;
}

function triggeredBy(wire: { [K in keyof TriggeredBy]?: string | null | undefined }): TriggeredBy {
  const made: TriggeredBy = {};
  if (wire.source) made.source = wire.source;
  if (wire.id) made.id = wire.id;
  return made;
}
