import { z } from "zod";
import type { Db } from "../../lib/database/pool.ts";
import { decodeUtf8 } from "../../lib/shared/utf8.ts";

/** The final states, which only an operator can change. */
export const settledStates = ["done", "skipped", "held", "dead"] as const;
export const deliveryStates = ["due", "running", ...settledStates] as const;

const instant = z.string();

/** As `Exchange` in src/lib/shared/exchange.ts. */
const exchangeSchema = z.object({
  at: instant,
  method: z.string(),
  host: z.string(),
  path: z.string(),
  status: z.number().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullable(),
  cut: z.boolean(),
  error: z.string().nullable(),
});
export type ShownExchange = z.infer<typeof exchangeSchema>;

export const attemptSchema = z.object({
  number: z.number(),
  startedAt: instant,
  endedAt: instant.nullable(),
  /** The state that was settled, `retry`, `wait` or `lost`; null while it is running. */
  outcome: z.string().nullable(),
  error: z.string().nullable(),
  /** The request that failed and its answer; null if none did. */
  exchange: exchangeSchema.nullable(),
});

export const deliverySchema = z.object({
  id: z.string(),
  handler: z.string(),
  subject: z.string().nullable(),
  state: z.enum(deliveryStates),
  dueAt: instant,
  sendingAt: instant.nullable(),
  settledAt: instant.nullable(),
  lastError: z.string().nullable(),
  result: z.json(),
  attempts: z.array(attemptSchema),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** A notification for the console and the CLI. */
export const recordSchema = z.object({
  id: z.string(),
  type: z.string(),
  publicId: z.string().nullable(),
  assetId: z.string().nullable(),
  version: z.number().nullable(),
  requestId: z.string().nullable(),
  source: z.string(),
  /** The cloud of its signature; null if unknown. */
  cloud: z.string().nullable(),
  /** Whether any arrival was on the public hook. */
  byPublicHook: z.boolean(),
  unexpectedFor: z.string().nullable(),
  receivedAt: instant,
  lastSeenAt: instant,
  /** When its body and all references to its asset were erased. */
  erasedAt: instant.nullable(),
  timesSeen: z.number(),
  /** The result of verification; null for notifications from `reconcile`. */
  verdict: z
    .object({ secretName: z.string(), algorithm: z.string(), signedAt: instant, ageSeconds: z.number() })
    .nullable(),
  headers: z.record(z.string(), z.string()),
  bodySha256: z.string(),
  deliveries: z.array(deliverySchema),
});

export const bodySchema = z.object({
  /** `base64` if the bytes are not UTF-8, or if the text would be longer in JSON. */
  encoding: z.enum(["text", "base64"]),
  bytes: z.number(),
  content: z.string(),
});

/** `body`: null for viewers, who cannot read exact bytes. */
export const fullRecordSchema = recordSchema.extend({ body: bodySchema.nullable() });
export type NotificationRecord = z.infer<typeof recordSchema>;
export type RecordedBody = z.infer<typeof bodySchema>;
export type FullRecord = z.infer<typeof fullRecordSchema>;

/** SQL: when the delivery is due, or its receipt while it waits for its turn (`.fifo`), when its `due_at` is infinity. */
export const dueAtOf = (delivery: string) =>
  `coalesce(nullif(${delivery}.due_at, 'infinity'), ${delivery}.created_at)`;

/** Columns of `notifications n`. */
export const recordColumn = `
jsonb_build_object(
  'id', n.id, 'type', n.type, 'publicId', n.public_id, 'assetId', n.asset_id, 'version', n.version, 'requestId', n.request_id,
  'source', n.source, 'cloud', n.cloud, 'byPublicHook', n.by_public_hook, 'unexpectedFor', n.unexpected_for, 'receivedAt', n.received_at, 'lastSeenAt', n.last_seen_at, 'erasedAt', n.erased_at,
  'timesSeen', n.times_seen,
  'verdict', case when n.secret_name is not null then jsonb_build_object(
    'secretName', n.secret_name, 'algorithm', n.algorithm, 'signedAt', n.signed_at,
    'ageSeconds', floor(extract(epoch from n.received_at - n.signed_at))) end,
  'headers', n.headers, 'bodySha256', n.body_sha256,
  'deliveries', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', d.id, 'handler', d.handler, 'subject', d.subject, 'state', d.state, 'dueAt', ${dueAtOf("d")}, 'sendingAt', d.sending_at,
      'settledAt', d.settled_at, 'lastError', d.last_error, 'result', d.result,
      'attempts', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'number', a.number, 'startedAt', a.started_at, 'endedAt', a.ended_at, 'outcome', a.outcome, 'error', a.error,
          'exchange', a.exchange)
          order by a.number), '[]')
        from attempts a where a.delivery_id = d.id)) order by d.created_at, d.handler, d.id), '[]')
    from deliveries d where d.notification_id = n.id)) as record`;

/** null if the id is unknown. */
export async function findRecord(
  db: Db,
  id: string,
): Promise<(NotificationRecord & { body: RecordedBody }) | null> {
  const { rows } = await db.query<{ record: unknown; body: Buffer }>(
    `select ${recordColumn}, n.body from notifications n where n.id = $1::uuid`,
    [id],
  );
  const [row] = rows;
  return row ? { ...recordSchema.parse(row.record), body: readable(row.body) } : null;
}

function readable(body: Buffer): RecordedBody {
  const base64 = { encoding: "base64", bytes: body.length, content: body.toString("base64") } as const;
  try {
    const text = decodeUtf8(body);
    // Function responses are limited to 6 MB.
    return JSON.stringify(text).length <= Math.max(base64.content.length, 10_000)
      ? { encoding: "text", bytes: body.length, content: text }
      : base64;
  } catch {
    return base64;
  }
}
