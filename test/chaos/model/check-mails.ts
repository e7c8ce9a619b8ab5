import type { Records } from "./records.ts";
import type { Figures, Violation } from "./violation.ts";

export interface MailSeen {
  to: string;
  subject: string;
  text: string;
  deliveryId: string;
}

/** A name that only one notification has; it is in the subject of the mail about it, and in its line of a digest. */
const token = /n[0-9a-f]{14}/g;

/** Nobody gets two mails about the same notification; a delivery that is done has brought one to each recipient. */
export function checkMails(
  mails: readonly MailSeen[],
  recipients: readonly string[],
  records: Records,
  figures: Figures,
): Violation[] {
  const violations: Violation[] = [];
  const seen = new Map<string, number>();
  const count = (key: string) => seen.set(key, (seen.get(key) ?? 0) + 1);
  let digests = 0;
  for (const { to, subject, text, deliveryId } of mails) {
    const own = subject.match(token);
    if (own === null && text.match(token)) digests += 1;
    for (const one of new Set(own ?? text.match(token) ?? [])) count(`${to} ${one}`);
    count(`${to} ${deliveryId}`);
  }
  for (const [key, times] of seen)
    if (times > 1)
      violations.push({
        invariant: "mail-twice",
        text: `${key}: ${times} mails`,
        about: [key.split(" ")[1] ?? ""],
      });

  const notifications = new Map(records.notifications.map((one) => [one.id, one]));
  let arrived = 0;
  for (const { id, handler, state, notificationId } of records.deliveries) {
    const { token: name, type } = notifications.get(notificationId) ?? {};
    if (handler !== "email" || type !== "eager" || !name) continue;
    const about = [name, id];
    if (state === "skipped") violations.push({ invariant: "mail-skipped", text: name, about });
    for (const to of recipients) {
      const times = seen.get(`${to} ${name}`) ?? 0;
      if (state === "done" && times === 0)
        violations.push({ invariant: "mail-missing", text: `${name}: no mail to ${to}`, about });
      if (state === "held" && times > 0) arrived += 1;
    }
  }
  figures.mails = mails.length;
  figures.digests = digests;
  figures.heldMailsThatArrived = arrived / Math.max(1, recipients.length);
  return violations;
}
