import { type BatchedDelivery, claimBatch } from "../../../lib/deliveries/claim-batch.ts";
import type {
  Gate,
  HandlerContext,
  RecordedNotification,
  Settlement,
} from "../../../lib/deliveries/handler.ts";
import { saveProgress } from "../../../lib/deliveries/save-progress.ts";
import { markBatchSending, settleBatch } from "../../../lib/deliveries/settle-batch.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import type { Settings } from "../../../settings.ts";
import type { Composed } from "../compose/compose.ts";
import { composeDigest, type DigestItem, type DigestOptions } from "../compose/digest.ts";
import { type Addressing, groupOf, isGroup } from "../recipients.ts";
import { type Progress, progressJson, stillToSend } from "./progress.ts";
import type { Post } from "./sendgrid.ts";
import { settlementOf } from "./settlement.ts";
import { type Transmitted, transmit } from "./transmit.ts";

/** What is needed to send the mail of one delivery. */
export interface Sending {
  context: HandlerContext;
  addresses: Addressing;
  progress: Progress;
  post: Post;
  sandbox: boolean;
}

/** Sends the mail about one notification. Waits for the next digest when the limit for these recipients is reached. */
export async function sendAlone(mail: Composed, sending: Sending): Promise<Settlement> {
  const { context, progress } = sending;
  if (!(await context.markSending(gateOf(sending)))) return untilNextMinute({ ...progress, waited: true });
  return settlementOf(await transmitTo(mail, sending), extra(sending));
}

/** Sends the deliveries that wait for the same recipients as one digest, or a single mail when no other delivery waits. */
export async function sendBatch(
  mail: Composed,
  notification: RecordedNotification,
  sending: Sending,
  options: DigestOptions,
): Promise<Settlement> {
  const { context, progress } = sending;
  const batch = await claimBatch(context, context.settings.email.digest.largest - 1);
  if (batch.kind === "deferred") return untilNextMinute(progress);
  if (batch.others.length === 0) return sendAlone(mail, sending);
  await context.markSending();
  const others = await markBatchSending(context, batch.others);
  const digest = composeDigest(
    [itemOf(notification), ...others.map((other) => readItem(other, context.settings))],
    options,
  );
  const transmitted = await transmitTo(digest, sending);
  const notifications = others.length + 1;
  const settlement = settlementOf(transmitted, { ...extra(sending), notifications });
  await settleBatch(
    context,
    others,
    settlementOf(transmitted, { ...extra(sending), notifications, sentBy: context.deliveryId }),
  );
  return settlement;
}

/** No gate for deliveries planned by another under their own subject, or for those that have already waited. */
function gateOf({ context, addresses, progress }: Sending): Gate | undefined {
  const isPlanned = context.subject !== null && !isGroup(context.subject);
  return isPlanned || progress.waited
    ? undefined
    : { subject: groupOf(addresses), ...context.settings.email.digest };
}

function transmitTo(
  mail: Composed,
  { context, addresses, progress, post, sandbox }: Sending,
): Promise<Transmitted> {
  const { deliveryId, signal } = context;
  return transmit({ from: addresses.from, ...mail }, stillToSend(progress, addresses.to), {
    post,
    deliveryId,
    signal,
    sandbox,
    progress,
    save: (reached) => saveProgress(context, progressJson(reached)),
  });
}

function extra({ sandbox }: Sending): { sandbox?: true } {
  return sandbox ? { sandbox } : {};
}

function untilNextMinute(progress: Progress): Settlement {
  const until = new Date((Math.floor(Date.now() / 60_000) + 1) * 60_000);
  return { kind: "wait", until, progress: progressJson(progress) };
}

function itemOf({ id, receivedAt, cloud, content }: RecordedNotification): DigestItem {
  return { notificationId: id, receivedAt, cloud, content, type: content.type, publicId: null };
}

function readItem(delivery: BatchedDelivery, settings: Settings): DigestItem {
  const { notificationId, receivedAt, signedAt, cloud, type, publicId, body } = delivery;
  const parsed = body && parse(body, ceiling(signedAt ?? receivedAt, settings));
  return {
    notificationId,
    receivedAt,
    cloud,
    content: parsed?.ok ? parsed.notification : null,
    type,
    publicId,
  };
}
