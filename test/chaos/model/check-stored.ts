import type { Sent } from "../outside/sender.ts";
import type { Records } from "./records.ts";
import type { Figures, Violation } from "./violation.ts";

/** The handlers of each type in the settings of the run, written down again. */
const handlersOf: ReadonlyMap<string, readonly string[]> = new Map([
  ["upload", ["moderation", "pim"]],
  ["eager", ["email", "pim"]],
  ["moderation", ["email", "moderation", "pim"]],
  ["rename", ["pim"]],
  ["delete", ["pim"]],
  ["old", ["pim"]],
  ["resource_tags_changed", ["pim"]],
  ["resource_context_changed", ["pim"]],
]);

/** What was answered with 200 is stored, once, with its deliveries; nothing else is. */
export function checkStored(sent: readonly Sent[], records: Records, figures: Figures): Violation[] {
  const violations: Violation[] = [];
  const rows = new Map<string, Records["notifications"]>();
  for (const row of records.notifications) rows.set(row.sha256, [...(rows.get(row.sha256) ?? []), row]);
  const uploads = new Set(records.notifications.filter(({ type }) => type === "upload").map(({ id }) => id));
  const handlers = new Map<string, string[]>();
  // A pending picture that waits for a decision gets a mail later; a sweep plans it.
  for (const { notificationId, handler, planned } of records.deliveries)
    if (!planned && !(handler === "email" && uploads.has(notificationId)))
      handlers.set(notificationId, [...(handlers.get(notificationId) ?? []), handler].sort());

  for (const one of sent) {
    const about = [one.token];
    const stored = rows.get(one.sha256) ?? [];
    const said = `${one.type} ${one.token}, answered ${one.answers.join(", ")}`;
    if (one.isForged) {
      if (stored.length > 0) violations.push({ invariant: "forged-stored", text: said, about });
      if (one.answers.includes("200")) violations.push({ invariant: "forged-accepted", text: said, about });
      continue;
    }
    if (one.isAccepted && stored.length === 0) violations.push({ invariant: "lost", text: said, about });
    const most = one.namesInstant ? 1 : one.timestamps.size;
    if (stored.length > most)
      violations.push({ invariant: "stored-twice", text: `${said}: ${stored.length} rows`, about });
    for (const answer of one.answers)
      if (/^\d+$/.test(answer) && !["200", "502", "503"].includes(answer))
        violations.push({ invariant: "wrong-answer", text: said, about });
    for (const { id } of stored) {
      const planned = (handlers.get(id) ?? []).join(", ");
      const expected = (handlersOf.get(one.type) ?? []).join(", ");
      if (planned !== expected)
        violations.push({
          invariant: "wrong-deliveries",
          text: `${said}: ${planned || "none"}, expected ${expected || "none"}`,
          about,
        });
    }
  }
  const known = new Set(sent.map(({ sha256 }) => sha256));
  for (const { sha256, type, source, id } of records.notifications)
    if (source === "webhook" && !known.has(sha256))
      violations.push({ invariant: "never-sent", text: `${type} ${id}`, about: [id] });

  const genuine = sent.filter(({ isForged }) => !isForged);
  figures.notifications = genuine.length;
  figures.accepted = genuine.filter(({ isAccepted }) => isAccepted).length;
  figures.stored = records.notifications.length;
  figures.givenUpBySender = genuine.filter(({ isAccepted }) => !isAccepted).length;
  figures.fromReconcile = records.notifications.filter(({ source }) => source === "reconcile").length;
  figures.requests = sent.reduce((sum, { answers }) => sum + answers.length, 0);
  return violations;
}
