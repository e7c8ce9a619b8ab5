import type { Config } from "../../config.types.ts";
import { markAnswered } from "../../handlers/moderation/mark-answered.ts";
import { readPictureless } from "../../handlers/pim/read-pictureless.ts";
import { recheckApprovals } from "../../handlers/pim/recheck-approvals.ts";
import { settings } from "../../settings.ts";
import type { CloudinaryApi } from "../cloudinary/api.ts";
import type { Db } from "../database/pool.ts";
import { earliestDue } from "../deliveries/earliest-due.ts";
import { settleConfirmed } from "../deliveries/settle-confirmed.ts";
import { planWaitingMails } from "../deliveries/waiting-mails.ts";

interface FollowUp {
  config: Config;
  db: Db;
  /** One for each account. */
  apis: readonly CloudinaryApi[];
  /** Finds and reports alerts; returns when it has to run again. */
  alert: () => Promise<Date | null>;
}

/**
 * What the next sweep would do about these deliveries, while the database is awake in any case, so that no sweep has to wake it.
 * Returns when a sweep has to query it.
 */
export async function followUp(means: FollowUp): Promise<Date[]> {
  const { db, alert } = means;
  await settleConfirmed(db);
  await planWaiting(means);
  await readAssets(means);
  const alerting = await alert();
  const next = await earliestDue(db);
  return [alerting, next].flatMap((at) => at ?? []);
}

/** Reads assets from Cloudinary of which no picture is known, or whose approval is not confirmed; returns the number that were recorded. */
export async function readAssets({ db, apis }: Pick<FollowUp, "db" | "apis">): Promise<number> {
  let read = 0;
  for (const api of apis)
    read += (await readPictureless(db, api, settings)) + (await recheckApprovals(db, api, settings));
  return read;
}

/** Plans what people are told about what waits for them. Marks what was answered before, so that few wait also where nobody opens the board. */
export async function planWaiting({ config, db }: Pick<FollowUp, "config" | "db">): Promise<void> {
  await markAnswered(db, config.cloudinary?.cloudName ?? null, 1);
  await planWaitingMails(db, settings.email, new Date(), tellers(config));
}

/** The handlers that tell people what waits for them. */
const tellers = ({ mail, chats }: Config): string[] => [
  ...(mail ? ["email"] : []),
  ...(chats.length > 0 ? ["chat"] : []),
];
