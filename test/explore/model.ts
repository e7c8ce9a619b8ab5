import type { Cloud } from "./cloud.ts";
import type { World } from "./database.ts";

/** A notification that Cloudinary has sent. */
export interface Sent {
  body: string;
  /** Some try was answered with 200. */
  acknowledged: boolean;
}

export interface End {
  database: World;
  cloud: Cloud;
  sent: readonly Sent[];
  /** A line for each mail that was accepted, with the delivery that it is for. */
  mails: readonly string[];
  now: number;
}

interface Delivery {
  handler: string;
  type: string;
  asset: string | null;
  state: string;
  reason: string | null;
}

/** For these reasons, a delivery waits for an operator. */
const mayBeHeld = ["outcome-unknown", "replaced", "gone"];

/** What must not be true at the end of any history, from what was sent and what Cloudinary holds. Shares no code with the receiver. */
export async function violations({
  database,
  cloud,
  sent,
  mails,
  now,
}: End): Promise<{ found: string[]; ends: string[] }> {
  const found: string[] = [];
  const rowsOf = async <T>(text: string): Promise<T[]> => (await database.query(text, [], now)).rows as T[];

  const stored = await rowsOf<{ body: string; copies: number }>(
    "select convert_from(body, 'UTF8') as body, count(*)::int as copies from notifications group by body",
  );
  const copies = new Map(stored.map(({ body, copies }) => [body, copies]));
  for (const { body, acknowledged } of sent)
    if (acknowledged && !copies.has(body)) found.push(`lost: ${body.slice(0, 120)}`);

  const deliveries = await rowsOf<Delivery>(
    `select d.handler, n.type, n.asset_id as asset, d.state, coalesce(d.last_error, d.result->>'reason') as reason
     from deliveries d join notifications n on n.id = d.notification_id order by d.created_at, d.handler`,
  );
  for (const { handler, type, state, reason } of deliveries) {
    if (state === "due" || state === "running")
      found.push(`stuck: ${handler} of ${type} is ${state}: ${reason}`);
    if (state === "dead") found.push(`dead without a lasting cause: ${handler} of ${type}: ${reason}`);
    if (state === "held" && !mayBeHeld.includes(reason ?? ""))
      found.push(`held: ${handler} of ${type}: ${reason}`);
  }

  const twice = mails.filter((mail, index) => mails.indexOf(mail) !== index);
  for (const mail of twice) found.push(`sent twice: ${mail}`);

  for (const [index, asset] of cloud.assetIds.entries()) {
    const { status, version } = cloud.truthOf(index);
    const here = cloud.find(index);
    const isKnown = stored.some(({ body }) => isDecision(body, asset, version, status));
    const isHeld = deliveries.some(
      (one) => one.handler === "moderation" && one.asset === asset && one.state === "held",
    );
    if (!isKnown || isHeld) continue;
    if (status === "rejected" && here)
      found.push(`not deleted: ${asset.slice(0, 4)}, version ${version} is rejected`);
    const isOpen = here?.access_control?.some(({ access_type }) => access_type === "anonymous") === true;
    if (status === "approved" && !isOpen)
      found.push(`not published: ${asset.slice(0, 4)}, version ${version} is approved`);
  }

  const products = await rowsOf<{ asset: string; version: string | null; isDeleted: boolean }>(
    'select asset_id as asset, version, exists (select from pim_removals r where r.asset_id = a.asset_id) as "isDeleted" from pim_asset a',
  );
  for (const [index, asset] of cloud.assetIds.entries()) {
    const told = stored.flatMap(({ body }) => versionsOf(body, asset));
    const row = products.find((one) => one.asset === asset);
    const newest = Math.max(0, ...told.filter(({ deleted }) => !deleted).map(({ version }) => version));
    const deleted = Math.max(0, ...told.filter((one) => one.deleted).map(({ version }) => version));
    if (newest > 0 && Number(row?.version ?? 0) !== newest)
      found.push(`the PIM has version ${row?.version} of ${index}, and ${newest} was recorded`);
    if (deleted >= newest && deleted > 0 && !row?.isDeleted)
      found.push(`the PIM does not know that version ${deleted} of ${index} is deleted`);
  }
  return {
    found,
    ends: deliveries.map(
      ({ handler, state, reason }) => `${handler} ${state}${state === "held" ? ` ${reason}` : ""}`,
    ),
  };
}

/** Whether a recorded body says that this version of the asset has this status. */
function isDecision(body: string, asset: string, version: number, status: string): boolean {
  const read = JSON.parse(body) as Record<string, unknown>;
  return read.asset_id === asset && read.version === version && read.moderation_status === status;
}

function versionsOf(body: string, asset: string): { version: number; deleted: boolean }[] {
  const read = JSON.parse(body) as Record<string, unknown> & { resources?: Record<string, unknown>[] };
  if (read.notification_type === "delete")
    return (read.resources ?? []).flatMap((one) =>
      one.asset_id === asset ? [{ version: Number(one.version), deleted: true }] : [],
    );
  return read.asset_id === asset && typeof read.version === "number"
    ? [{ version: read.version, deleted: false }]
    : [];
}
