import { claimBatch } from "../../../lib/deliveries/claim-batch.ts";
import type {
  Gate,
  HandlerContext,
  RecordedNotification,
  Settlement,
} from "../../../lib/deliveries/handler.ts";
import { saveProgress } from "../../../lib/deliveries/save-progress.ts";
import { markBatchSending, settleBatch } from "../../../lib/deliveries/settle-batch.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import type { Composed } from "../compose/compose.ts";
import { composeDigest, type DigestOptions } from "../compose/digest.ts";
import { type Addressing, groupOf, isGroup } from "../recipients.ts";
import { noteRefused } from "../refused-recipients.ts";
import { type Permit, requestPermit } from "./daily-limit.ts";
import { digestItems } from "./digest-items.ts";
import { type Progress, progressJson, stillToSend } from "./progress.ts";
import type { Mail, MailProvider, Replacement } from "./provider.ts";
import { settlementOf } from "./settlement.ts";
import { type Transmitted, transmit } from "./transmit.ts";

/** What is needed to send the mail of one delivery. */
export interface Sending {
  context: HandlerContext;
  addresses: Addressing;
  progress: Progress;
  provider: MailProvider;
  /** Of the mail that is sent alone. */
  replacement?: Replacement | null;
  sandbox: boolean;
}

/** Sends the mail about one notification. Waits for the next digest when the limit for these recipients is reached. */
export async function sendAlone(mail: Composed, sending: Sending): Promise<Settlement> {
  if (sending.progress.pending) return await sendWithPermit(mail, sending, counted);
  if (sending.progress.list) return await untilList(sending);
  const permit = await permitFor(sending);
  return permit.granted
    ? await sendWithPermit(mail, sending, permit)
    : await untilPermit(sending, permit.until);
}

async function sendWithPermit(mail: Composed, sending: Sending, permit: Granted): Promise<Settlement> {
  const { context, progress } = sending;
  if (!(await context.markSending(gateOf(sending), sending.provider.repeatableMs !== null))) {
    await permit.giveBack();
    return untilNextMinute({ ...progress, waited: true });
  }
  const transmitted = await transmitTo({ ...mail, replacement: sending.replacement ?? null }, sending, true);
  await giveBackUnused(permit, transmitted, sending);
  return settlementOf(transmitted, sending.provider.name, extra(sending));
}

/** Sends the deliveries that wait for the same recipients as one digest, or a single mail when no other delivery waits. */
export async function sendBatch(
  mail: Composed,
  notification: RecordedNotification,
  sending: Sending,
  options: DigestOptions,
): Promise<Settlement> {
  const { context, progress } = sending;
  const permit = await permitFor(sending);
  if (!permit.granted) return await untilPermit(sending, permit.until);
  const batch = await claimBatch(context, context.settings.email.digest.largest - 1);
  if (batch.kind === "deferred") {
    await permit.giveBack();
    return untilNextMinute(progress);
  }
  if (batch.others.length === 0) return await sendWithPermit(mail, sending, permit);
  await context.markSending();
  const others = await markBatchSending(context, batch.others);
  const digest = composeDigest(await digestItems(context, notification, others), options);
  const transmitted = await transmitTo(digest, sending, false);
  await giveBackUnused(permit, transmitted, sending);
  const notifications = others.length + 1;
  const { name } = sending.provider;
  const settlement = settlementOf(transmitted, name, { ...extra(sending), notifications });
  await settleBatch(
    context,
    others,
    settlementOf(transmitted, name, { ...extra(sending), notifications, sentBy: context.deliveryId }),
  );
  return settlement;
}

/** No gate for deliveries planned by another under their own subject, or for those that have already waited. */
function gateOf(sending: Sending): Gate | undefined {
  const { context, addresses, progress } = sending;
  return isPlanned(sending) || progress.waited || progress.pending
    ? undefined
    : { subject: groupOf(addresses), ...context.settings.email.digest };
}

function isPlanned({ context }: Sending): boolean {
  return context.subject !== null && !isGroup(context.subject);
}

type Granted = Permit & { granted: true };

/** A request that is repeated was counted when it was first sent. */
const counted: Granted = { granted: true, giveBack: async () => undefined };

function permitFor(sending: Sending): Promise<Permit> {
  const { context, addresses, progress } = sending;
  return requestPermit(context.db, {
    maxPerDay: context.settings.email.maxPerDay,
    // A delivery planned under its own subject is not part of a digest: it is sent individually at the next full hour.
    scope: isPlanned(sending) ? (context.subject ?? "") : groupOf(addresses),
    waited: progress.waited,
  });
}

/** Waits for the next full hour, under the subject by which the digest collects its deliveries. */
async function untilPermit(sending: Sending, until: Date): Promise<Settlement> {
  const { context, addresses, progress } = sending;
  if (!isPlanned(sending)) await context.markSending({ subject: groupOf(addresses), most: 0, withinMs: 0 }); // Lets none through.
  return { kind: "wait", until, progress: progressJson({ ...progress, waited: true }) };
}

/** Nothing was taken by the provider, and that is certain. Best effort: the mail's own outcome matters more. */
async function giveBackUnused(permit: Granted, transmitted: Transmitted, { progress, context }: Sending) {
  const isSent = transmitted.progress.messageIds.length > progress.messageIds.length;
  if (isSent || transmitted.progress.accepted.length > progress.accepted.length) return;
  if (transmitted.stopped?.kind === "unknown") return;
  try {
    await permit.giveBack();
  } catch (error) {
    log("warn", "a mail that was not sent counts towards the daily limit", {
      deliveryId: context.deliveryId,
      error: errorText(error),
    });
  }
}

async function transmitTo(
  mail: Composed & Pick<Mail, "replacement">,
  { context, addresses, progress, provider, sandbox }: Sending,
  isRepeatable: boolean,
): Promise<Transmitted> {
  const { deliveryId, signal } = context;
  const transmitted = await transmit({ from: addresses.from, ...mail }, stillToSend(progress, addresses.to), {
    provider,
    isRepeatable,
    deliveryId,
    signal,
    sandbox,
    progress,
    save: (reached) => saveProgress(context, progressJson(reached)),
  });
  await noteRefused(context.db, transmitted.refused);
  return transmitted;
}

function extra({ sandbox }: Sending): { sandbox?: true } {
  return sandbox ? { sandbox } : {};
}

/** Waits for the next minute, under the subject by which the digest of these recipients collects the list. */
async function untilList({ context, addresses, progress }: Sending): Promise<Settlement> {
  await context.markSending({ subject: groupOf(addresses), most: 0, withinMs: 0 }); // Lets none through.
  return untilNextMinute({ ...progress, waited: true });
}

function untilNextMinute(progress: Progress): Settlement {
  const until = new Date((Math.floor(Date.now() / 60_000) + 1) * 60_000);
  return { kind: "wait", until, progress: progressJson(progress) };
}
