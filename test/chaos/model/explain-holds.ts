import type { Journal } from "../journal.ts";
import type { Records } from "./records.ts";
import type { Violation } from "./violation.ts";

/** What can make the outcome of a mail unknown, and how the journal names it. */
interface Cause {
  reason: string;
  entry: RegExp;
  /** The entry is about the mail's own request; otherwise it is about everything around it. */
  isOwn: boolean;
}

const unanswered: Cause = {
  reason: "SendGrid did not answer in time",
  entry: /^fault-sendgrid (hang|delay)/,
  isOwn: true,
};
const cutOff: Cause = {
  reason: "the connection to SendGrid ended before the answer",
  entry: /^fault-sendgrid reset/,
  isOwn: true,
};
const killed: Cause = {
  reason: "the process was killed while it sent",
  entry: /^(killed|ended) (deliver-background|sweep)/,
  isOwn: false,
};
const frozen: Cause = {
  reason: "the process stood still while it sent",
  entry: /^frozen (deliver-background|sweep)/,
  isOwn: false,
};
const noDatabase: Cause = {
  reason: "the database was away until the lease had ended",
  entry:
    /^(begins|ends) (PostgreSQL|network|answers of the database|disk|database|out of connections|PgBouncer)|^begins sessions terminated/,
  isOwn: false,
};
/** No fault of the run: the machine gave the emulators (noteStalls) or a function (site/stalls.ts) no time. */
const stalled: Cause = {
  reason: "the machine was too busy to answer in time",
  entry: /^stalled |^log \d+ .*"message":"stalled"/,
  isOwn: false,
};

/** A fault may have begun so long before the attempt, and lasted until then. */
const longestFaultMs = 15_000;

/**
 * Counts the mails on hold by what made their outcome unknown: the first cause of which the journal has an entry at that time. One
 * without any is a violation, because people would see such a hold on a healthy site.
 */
export function explainHolds(
  records: Records,
  journal: Journal,
): { counts: Record<string, number>; violations: Violation[] } {
  const counts = new Map<string, number>();
  const violations: Violation[] = [];
  const last = new Map(records.attempts.map((one) => [one.deliveryId, one]));
  for (const { id, handler, state, sentBy, settledAt, dueAt } of records.deliveries) {
    if (handler !== "email" || state !== "held") continue;
    // A digest has one request, in the attempt of the delivery that sent it.
    const sender = sentBy ?? id;
    const attempt = last.get(sender) ?? last.get(id);
    const to = (settledAt ?? dueAt).getTime() + 1_000;
    const from = (attempt?.startedAt.getTime() ?? to) - 1_000;
    const own = journal.timeline([sender], from, to).filter(({ about }) => about === sender);
    const around = journal.timeline([], from, to);
    const before = journal.timeline([], from - longestFaultMs, from);
    const cause = causesOf(attempt).find(({ isOwn, entry }) =>
      (isOwn ? own : around).some(({ text }) => entry.test(text)),
    );
    const lasting = [frozen, noDatabase].find(({ entry }) => before.some(({ text }) => entry.test(text)));
    const reason = (cause ?? lasting)?.reason;
    if (reason === undefined)
      violations.push({
        invariant: "held-without-fault",
        text: `${attempt?.outcome}, ${attempt?.failure ?? "without a failed request"}`,
        about: [id, sender],
      });
    else counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return { counts: Object.fromEntries(counts), violations };
}

/** The likeliest first. */
function causesOf(attempt: Records["attempts"][number] | undefined): readonly Cause[] {
  // The lease ended before the outcome was stored.
  if (attempt?.outcome !== "held") return [killed, frozen, noDatabase, stalled];
  return [unanswered, cutOff, frozen, noDatabase, stalled];
}
