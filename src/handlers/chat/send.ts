import type { ApproveLinks } from "../../approve/link.ts";
import { claimBatch } from "../../lib/deliveries/claim-batch.ts";
import type { HandlerContext, RecordedNotification, Settlement } from "../../lib/deliveries/handler.ts";
import { type BatchSettlement, markBatchSending, settleBatch } from "../../lib/deliveries/settle-batch.ts";
import type { ChatWebhook } from "../../lib/shared/chat-variables.ts";
import { type DigestOptions, digestOf } from "../email/compose/digest.ts";
import { digestItems } from "../email/send/digest-items.ts";
import { type Progress, progressJson } from "../email/send/progress.ts";
import { groupOf, isGroup } from "./channels.ts";
import { type ChatMessage, messageOfDigest } from "./message.ts";
import { type ChatAnswer, post } from "./post.ts";

/** What is needed to send the message of one delivery. */
export interface Sending {
  context: HandlerContext;
  channels: readonly ChatWebhook[];
  /** The links of the message that is posted alone. */
  approve: ApproveLinks | null;
  /** Its accepted recipients are names of channels. */
  progress: Progress;
}

/** Posts the message about one notification. Waits for the next digest when the limit for these channels is reached. */
export async function sendAlone(message: ChatMessage, sending: Sending): Promise<Settlement> {
  const { context, channels, progress } = sending;
  if (progress.list) {
    await context.markSending({ subject: groupOf(channels), most: 0, withinMs: 0 }); // Lets none through.
    return untilNextMinute({ ...progress, waited: true });
  }
  if (!(await context.markSending(gateOf(sending)))) return untilNextMinute({ ...progress, waited: true });
  return settlementOf(await postToEach(message, sending), sending);
}

/** Posts the deliveries that wait for the same channels as one message. */
export async function sendBatch(
  message: ChatMessage,
  notification: RecordedNotification,
  sending: Sending,
  options: DigestOptions,
): Promise<Settlement> {
  const { context, progress } = sending;
  const batch = await claimBatch(context, context.settings.chat.digest.largest - 1);
  if (batch.kind === "deferred") return untilNextMinute(progress);
  await context.markSending();
  if (batch.others.length === 0) return settlementOf(await postToEach(message, sending), sending);
  const others = await markBatchSending(context, batch.others);
  const items = await digestItems(context, notification, others);
  const digest = messageOfDigest(digestOf(items, options));
  const answers = await postToEach(digest, sending);
  const notifications = others.length + 1;
  await settleBatch(
    context,
    others,
    settlementOf(answers, sending, { notifications, sentBy: context.deliveryId }),
  );
  return settlementOf(answers, sending, { notifications });
}

/** No gate for deliveries planned by another under their own subject, or for those that have already waited. */
function gateOf({ context, channels, progress }: Sending) {
  const isPlanned = context.subject !== null && !isGroup(context.subject);
  return isPlanned || progress.waited
    ? undefined
    : { subject: groupOf(channels), ...context.settings.chat.digest };
}

interface Posted {
  channel: ChatWebhook;
  answer: ChatAnswer;
}

/** To the channels that do not have it yet. */
async function postToEach(
  message: ChatMessage,
  { context, channels, progress, approve }: Sending,
): Promise<Posted[]> {
  const accepted = new Set(progress.accepted.map(({ key }) => key));
  const { timeoutMs } = context.settings.chat;
  return await Promise.all(
    channels
      .filter(({ name }) => !accepted.has(name))
      .map(async (channel) => ({
        channel,
        answer: await post(withLink(message, channel, approve), channel, {
          timeoutMs,
          signal: context.signal,
        }),
      })),
  );
}

/** Everyone in a channel can use its link, so it is recorded as the channel. */
function withLink(message: ChatMessage, { name }: ChatWebhook, approve: ApproveLinks | null): ChatMessage {
  if (!approve) return message;
  const token = approve.tokenFor(`chat ${name}`);
  const links = message.links.map(({ title, url }) => ({ title, url: url.replace(approve.marker, token) }));
  return { ...message, links };
}

type Extra = Readonly<Record<string, string | number>>;

/** A channel that has the message does not get it again, whatever becomes of the others. */
function settlementOf(
  posted: readonly Posted[],
  { progress: before }: Sending,
  extra: Extra = {},
): BatchSettlement {
  const names = posted
    .filter(({ answer }) => answer.kind === "accepted")
    .map(({ channel: { name } }) => ({ key: name, recipient: name }));
  const progress = { ...before, accepted: [...before.accepted, ...names] };
  const answers = posted.map(({ answer }) => answer);
  const errors = answers.flatMap((answer) => ("error" in answer ? [answer.error] : []));
  const kept = {
    result: { accepted: progress.accepted.map(({ recipient }) => recipient), errors, ...extra },
    progress: progressJson(progress),
  };
  if (answers.some(({ kind }) => kind === "unknown"))
    return { kind: "hold", reason: "outcome-unknown", ...kept };
  const late = answers.flatMap((answer) => (answer.kind === "unavailable" ? [answer] : []));
  if (late.length > 0) {
    const afterMs = Math.max(0, ...late.map((answer) => answer.afterMs ?? 0));
    return { kind: "retry", error: errors.join("; "), ...(afterMs > 0 && { afterMs }), ...kept };
  }
  return errors.length > 0
    ? { kind: "give-up", error: errors.join("; "), ...kept }
    : { kind: "done", ...kept };
}

function untilNextMinute(progress: Progress): Settlement {
  const until = new Date((Math.floor(Date.now() / 60_000) + 1) * 60_000);
  return { kind: "wait", until, progress: progressJson(progress) };
}
