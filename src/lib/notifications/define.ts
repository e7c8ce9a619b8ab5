import * as z from "zod";
import type { JsonObject } from "../shared/json.ts";
import type { Asset } from "./asset.ts";
import { instant } from "./instant.ts";
import type { NotificationType } from "./types.ts";
import { envelope } from "./wire.ts";

/** What every notification has, whatever its type. */
export interface Common {
  /** All assets that the body names; empty for folders and the like. */
  assets: Asset[];
  /** When it happened, as the body says; older bodies do not. */
  occurredAt?: Date;
  triggeredBy?: TriggeredBy;
  /** Which API key's secret signed it, as the body says: a hint, not a proof. */
  signatureKey?: string;
  requestId?: string;
  /**
   * Paths such as `version`, `notification_context.triggered_at` or `resources[0].version` whose values claimed to be later than
   * the signature allows: here and in `body` they are lowered to that limit. The recorded bytes are as they came.
   */
  clamped?: readonly string[];
}

export interface TriggeredBy {
  /** `api`, `ui`, ... */
  source?: string;
  /** Of an API call the API key. */
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

/** A type of notification: its wire schema, what makes it regular, and the words of the table in the docs. */
export interface Definition<T extends string, B extends JsonObject, D extends object> {
  schema: z.ZodType<B>;
  /** When Cloudinary sends it. */
  when: string;
  /** What of it a handler can use beyond the common fields. */
  carries: string;
  check(body: JsonObject): Checked<Common & { type: T; body: B } & D>;
}

/** The wire schema of a type: its fields beside the envelope's, unknown ones kept. */
export function wire<T extends NotificationType, S extends z.core.$ZodLooseShape>(type: T, fields: S) {
  return z.looseObject({ notification_type: z.literal(type), ...envelope, ...fields });
}

export function define<T extends NotificationType, B extends Envelope, D extends { assets: Asset[] }>(
  type: T,
  parts: { schema: z.ZodType<B>; when: string; carries: string; read: (body: B) => D },
): Definition<T, B, D> {
  const { schema, when, carries, read } = parts;
  // The body itself is kept, not the schema's copy of it: that one lacks keys named `__proto__`.
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
      // Assigned to what `read` made, not spread from it: a field that is made when first asked for stays so.
      const notification = Object.assign(read(body), { type, body });
      return { ok: true, notification: withCommon(notification, body) };
    },
  };
}

function withCommon<N extends object>(notification: N, body: Envelope & { moderation_updated_at?: unknown }) {
  const made: N & Omit<Common, "assets"> = notification;
  const context = body.notification_context;
  const occurredAt =
    instant(context?.triggered_at) ?? instant(body.moderation_updated_at) ?? instant(body.timestamp);
  if (occurredAt) made.occurredAt = occurredAt;
  if (context?.triggered_by) made.triggeredBy = triggeredBy(context.triggered_by);
  if (body.signature_key) made.signatureKey = body.signature_key;
  if (body.request_id) made.requestId = body.request_id;
  return made;
}

function triggeredBy(wire: { [K in keyof TriggeredBy]?: string | null | undefined }): TriggeredBy {
  const made: TriggeredBy = {};
  if (wire.source) made.source = wire.source;
  if (wire.id) made.id = wire.id;
  return made;
}
