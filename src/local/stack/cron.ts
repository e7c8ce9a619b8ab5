import { Cron } from "croner";
import { errorText } from "../../lib/shared/log.ts";

export class CronUnreadable extends Error {
  override name = "CronUnreadable";
}

/** Whether a cron expression includes the minute of `at`, in UTC as on Netlify. Throws `CronUnreadable`. */
export function isDue(expression: string, at: Date): boolean {
  const minute = new Date(at);
  minute.setUTCSeconds(0, 0);
  try {
    return new Cron(expression, { mode: "5-part", timezone: "UTC" }).match(minute);
  } catch (cause) {
    throw new CronUnreadable(`"${expression}" is not a cron expression: ${errorText(cause)}`, { cause });
  }
}
