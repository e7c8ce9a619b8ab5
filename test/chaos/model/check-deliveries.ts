import type { Records } from "./records.ts";
import type { Figures, Violation } from "./violation.ts";

/** Why a delivery may end on hold in this run; anything else is a violation. */
const holdReasons: ReadonlyMap<string, readonly string[]> = new Map([
  ["email", ["outcome-unknown"]],
  ["moderation", ["replaced", "deletion-cap", "gone", "already-deleted"]],
]);

/** Every delivery ended; none is dead for a fault of its surroundings; a held one says why, and its attempts bear it out. */
export function checkDeliveries(records: Records, figures: Figures): Violation[] {
  const violations: Violation[] = [];
  const attempts = new Map<string, Records["attempts"]>();
  for (const one of records.attempts)
    attempts.set(one.deliveryId, [...(attempts.get(one.deliveryId) ?? []), one]);
  const notifications = new Map(records.notifications.map((one) => [one.id, one]));

  for (const {
    id,
    notificationId,
    handler,
    state,
    error,
    attempts: count,
    waits,
    dueAt,
  } of records.deliveries) {
    const { token, publicId, type } = notifications.get(notificationId) ?? {};
    const about = [id, token ?? "", publicId ?? ""].filter((one) => one !== "");
    const text = `${handler} of ${type} ${token ?? publicId}: ${state}${error === null ? "" : `, ${error}`}`;
    const own = attempts.get(id) ?? [];
    if (state === "due" || state === "running")
      violations.push({
        invariant: "stuck",
        text: `${text}, due at ${dueAt.toISOString()} after ${count} attempts, ${waits} of them waits`,
        about,
      });
    if (state === "dead") violations.push({ invariant: "dead", text, about });
    if (own.some(({ endedAt }) => endedAt === null))
      violations.push({ invariant: "attempt-open", text, about });
    if (own.length !== count)
      violations.push({
        invariant: "attempt-missing",
        text: `${text}: ${own.length} of ${count} attempts`,
        about,
      });
    if (state === "held") {
      if (!(holdReasons.get(handler) ?? []).includes(error ?? ""))
        violations.push({ invariant: "held-without-reason", text, about });
      const last = own.at(-1);
      if (handler === "email" && last?.outcome !== "held" && last?.outcome !== "lost")
        violations.push({ invariant: "held-without-attempt", text, about });
    }
  }
  const held = records.deliveries.filter(({ state }) => state === "held");
  figures.deliveries = records.deliveries.length;
  figures.attempts = records.attempts.length;
  figures.leasesLost = records.attempts.filter(({ outcome }) => outcome === "lost").length;
  figures.heldMails = held.filter(({ handler }) => handler === "email").length;
  figures.heldDecisions = held.filter(({ handler }) => handler === "moderation").length;
  return violations;
}
