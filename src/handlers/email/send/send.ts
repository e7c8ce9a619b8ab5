import { jsonb } from "../../../lib/database/jsonb.ts";
import type {
  Gate,
  HandlerContext,
  RecordedNotification,
  Settlement,
} from "../../../lib/deliveries/handler.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import type { Settings } from "../../../settings.ts";
import type { Composed } from "../compose/compose.ts";
import { composeDigest, type DigestItem, type DigestOptions } from "../compose/digest.ts";
import { type Addressing, groupOf, isGroup } from "../recipients.ts";
import { type Gathered, gather } from "./claim-batch.ts";
import { type Progress, progressJson, stillToSend } from "./progress.ts";
import type { Post } from "./sendgrid.ts";
import { markTogether, settleTogether } from "./settle-batch.ts";
import { settlementOf } from "./settlement.ts";
import { type Transmitted, transmit } from "./transmit.ts";

/** What it takes to send on behalf of one delivery. */
export interface Sending {
  context: HandlerContext;
  addresses: Addressing;
  progress: Progress;
  post: Post;
  sandbox: boolean;
}

/** Sends the mail about one notification, or waits where many went to the same people just now. */
export async function sendAlone(mail: Composed, sending: Sending): Promise<Settlement> {
  const { context, progress } = sending;
  if (!(await context.markSending(gateOf(sending)))) return untilNextMinute({ ...progress, waited: true });
  return settlementOf(await transmitTo(mail, sending), extra(sending));
}

/** Sends what waits for the same people as one mail; on its own what nothing else waits with. */
export async function sendGathered(
  mail: Composed,
  notification: RecordedNotification,
  sending: Sending,
  options: DigestOptions,
): Promise<Settlement> {
  const { context, progress } = sending;
  const gathering = await gather(context);
  if (gathering.kind === "follow") return untilNextMinute(progress);
  if (gathering.others.length === 0) return sendAlone(mail, sending);
  await context.markSending();
  const others = await markTogether(context, gathering.others);
  const digest = composeDigest(
    [itemOf(notification), ...others.map((other) => readItem(other, context.settings))],
    options,
  );
  const transmitted = await transmitTo(digest, sending);
  const notifications = others.length + 1;
  const settlement = settlementOf(transmitted, { ...extra(sending), notifications });
  await settleTogether(
    context,
    others,
    settlementOf(transmitted, { ...extra(sending), notifications, sentBy: context.deliveryId }),
  );
  return settlement;
}

/** None for what another delivery planned under a subject of its own, and for what has waited already. */
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
  const { deliveryId, claimNumber, db, signal } = context;
  return transmit({ from: addresses.from, ...mail }, stillToSend(progress, addresses.to), {
    post,
    deliveryId,
    signal,
    sandbox,
    progress,
    async save(reached) {
      await db.query(
        "update deliveries set progress = $3::jsonb where id = $1::uuid and attempts = $2::int and state = 'running'",
        [deliveryId, claimNumber, jsonb(progressJson(reached))],
      );
    },
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

function readItem(gathered: Gathered, settings: Settings): DigestItem {
  const { notificationId, receivedAt, signedAt, cloud, type, publicId, body } = gathered;
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
