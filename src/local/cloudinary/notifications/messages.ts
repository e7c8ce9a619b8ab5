import { z } from "zod";
import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import type { Params } from "../params.ts";
import { notificationSignature } from "../signing.ts";
import { type Cloud, seconds } from "../store/cloud.ts";
import type { Message } from "../store/state.ts";
import { newId } from "../store/store.ts";

/** Cloudinary does not document how long it keeps unpolled messages; here the oldest are dropped. */
const maxHeld = 10_000;
const maxAcknowledged = 100;

/** Stores a notification until it is polled and acknowledged. */
export function hold(cloud: Cloud, message: Pick<Message, "channel" | "batch_id" | "body">): void {
  const { messages } = cloud.store.state;
  messages.push({ id: newId(), ...message, claimed: null });
  if (messages.length > maxHeld) messages.shift();
  cloud.messages.dispatchEvent(new Event("message"));
}

/** `GET /v2/notifications/:cloud/messages`: claims pending messages. Long poll: waits if there are none. */
export async function receiveMessages(
  cloud: Cloud,
  params: Params,
  signal: AbortSignal,
): Promise<JsonObject> {
  const wanted = wantedBy(params);
  const deadline = Date.now() + between(params, "wait_seconds", { from: 0, to: 60, otherwise: 20 }) * 1_000;
  const max = between(params, "max_messages", { from: 1, to: 100, otherwise: 10 });
  const visibilityMs = between(params, "visibility_timeout", { from: 1, to: 600, otherwise: 30 }) * 1_000;
  for (;;) {
    const claimed = claim(cloud, wanted, { max, visibilityMs });
    // The key is absent if there are no messages.
    if (claimed.length > 0) return { messages: claimed };
    if (Date.now() >= deadline || signal.aborted || cloud.closing.aborted) return {};
    await somethingNew(cloud, { until: Math.min(deadline, nextVisible(cloud, wanted)), signal });
  }
}

/** `POST /v2/notifications/:cloud/messages/ack` */
export function acknowledge(cloud: Cloud, params: Params): JsonObject {
  const handles = params.list("receipt_handles");
  if (handles.length === 0) throw new ApiError(400, "Missing required parameter - receipt_handles");
  if (handles.length > maxAcknowledged)
    throw new ApiError(400, `At most ${maxAcknowledged} receipt_handles are allowed`);
  const { state } = cloud.store;
  const results = handles.map((handle) => {
    const at = state.messages.findIndex((message) => message.claimed?.handle === handle);
    if (at === -1) return { status: "not_found" };
    state.messages.splice(at, 1);
    return { status: "acked" };
  });
  return { results };
}

type Wanted = (message: Message) => boolean;

function wantedBy(params: Params): Wanted {
  const channel = params.text("channel");
  const batchId = params.text("batch_id");
  if ((channel === undefined) === (batchId === undefined))
    throw new ApiError(400, "Exactly one of channel and batch_id is required");
  return (message) => (channel === undefined ? message.batch_id === batchId : message.channel === channel);
}

function between(
  params: Params,
  name: string,
  range: { from: number; to: number; otherwise: number },
): number {
  const parsed = z.coerce
    .number()
    .int()
    .min(range.from)
    .max(range.to)
    .safeParse(params.text(name) ?? range.otherwise);
  if (!parsed.success)
    throw new ApiError(400, `${name} must be an integer between ${range.from} and ${range.to}`);
  return parsed.data;
}

function claim(cloud: Cloud, wanted: Wanted, terms: { max: number; visibilityMs: number }): JsonObject[] {
  const now = cloud.now();
  const free = cloud.store.state.messages.filter(
    (message) => wanted(message) && (message.claimed === null || message.claimed.until <= now),
  );
  return free.slice(0, terms.max).map((message) => {
    const handle = newId();
    message.claimed = { handle, until: now + terms.visibilityMs };
    return answer(cloud, message, handle);
  });
}

/** `signed_payload` is the exact signed text; `payload` is the same, parsed. */
function answer(cloud: Cloud, message: Message, handle: string): JsonObject {
  const timestamp = seconds(cloud);
  const signed = { body: message.body, timestamp, secret: cloud.apiSecret };
  return {
    receipt_handle: handle,
    batch_id: message.batch_id ?? "",
    payload: JSON.parse(message.body),
    signed_payload: Buffer.from(message.body).toString("base64url"),
    signature: notificationSignature(signed, cloud.algorithm),
    timestamp: String(timestamp),
  };
}

/** When the earliest claim expires. */
function nextVisible(cloud: Cloud, wanted: Wanted): number {
  const until = cloud.store.state.messages
    .filter(wanted)
    .map((message) => message.claimed?.until ?? Number.POSITIVE_INFINITY);
  return Date.now() + Math.min(...until) - cloud.now();
}

async function somethingNew(cloud: Cloud, limits: { until: number; signal: AbortSignal }): Promise<void> {
  const settled = new AbortController();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(0, limits.until - Date.now()));
    settled.signal.addEventListener("abort", () => clearTimeout(timer));
    const once = { once: true, signal: settled.signal };
    cloud.messages.addEventListener("message", () => resolve(), once);
    limits.signal.addEventListener("abort", () => resolve(), once);
    cloud.closing.addEventListener("abort", () => resolve(), once);
  });
  settled.abort();
}
