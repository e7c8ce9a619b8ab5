import { own } from "../../../../lib/shared/own.ts";
import { handlerName } from "../../../shared/outcome.ts";
import type { IconName } from "../../parts/icon.tsx";
import { didWhat } from "../../texts/acts.ts";
import { texts } from "../../texts.ts";
import type { Attempt, Delivery, Story } from "./story.ts";

const words = texts.record;

/** One line of the story. */
export interface Event {
  key: string;
  at: string;
  icon: IconName;
  tone: "good" | "bad" | "warn" | "info" | "quiet";
  who: string | null;
  what: string;
  why: string | null;
  /** How long it took. */
  ms: number | null;
  /** Of a delivery's last attempt, for what it changed. */
  delivery: Delivery | null;
}

/** Everything that happened with a notification, in its order: Cloudinary, the receipt, every attempt, and what operators did. */
export function eventsOf(story: Story): Event[] {
  const { record, shown, acts, described } = story;
  const events: Event[] = [];
  if (shown.occurredAt !== null)
    events.push(
      event("occurred", shown.occurredAt, {
        icon: "cloud",
        who: "Cloudinary",
        what: described.happened,
        why: triggeredBy(shown.triggeredBy),
      }),
    );
  events.push(
    event("received", record.receivedAt, {
      icon: record.verdict ? "check" : "dash",
      tone: record.verdict ? "good" : "quiet",
      what: record.verdict ? words.receivedVerified : words.receivedUnsigned,
      why: record.verdict
        ? words.signedWith(
            record.verdict.ageSeconds,
            record.verdict.secretName,
            algorithmOf(record.verdict.algorithm),
          )
        : words.unsigned,
    }),
  );
  if (record.timesSeen > 1)
    events.push(
      event("seen", record.lastSeenAt, {
        icon: "retry",
        what: words.seenAgain(record.timesSeen - 1),
        why: words.seenAgainWhy,
      }),
    );
  for (const delivery of record.deliveries) events.push(...attemptsOf(delivery), ...nextOf(delivery));
  for (const act of acts)
    events.push(
      event(`act ${act.id}`, act.at, {
        icon: "undo",
        who: act.who,
        what: didWhat(act) ?? act.act,
        why: act.reason && `“${act.reason}”`,
      }),
    );
  return events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

function event(key: string, at: string, of: Partial<Event> & { what: string }): Event {
  return { key, at, icon: "dash", tone: "quiet", who: null, why: null, ms: null, delivery: null, ...of };
}

const triggeredBy = (who: string | null) => (who === null ? null : words.triggeredBy(who));
const algorithmOf = (name: string) => name.toUpperCase().replace("SHA", "SHA-");

/** The attempts of a delivery; equal ones in a row are one line. */
function attemptsOf(delivery: Delivery): Event[] {
  const { attempts, handler, state, lastError } = delivery;
  const name = handlerName(handler);
  const last = attempts.at(-1);
  const groups: { first: Attempt; last: Attempt; count: number }[] = [];
  for (const attempt of attempts) {
    const before = groups.at(-1);
    if (before && before.last.outcome === attempt.outcome && before.last.error === attempt.error) {
      before.last = attempt;
      before.count += 1;
    } else groups.push({ first: attempt, last: attempt, count: 1 });
  }
  return groups.map(({ first, last: end, count }) => {
    const isLast = end === last;
    const look = looks.get(end.outcome ?? "") ?? running;
    return event(`${delivery.id} ${first.number}`, first.startedAt, {
      ...look,
      who: name,
      what: isLast && state !== "due" && state !== "running" ? endingOf(delivery) : look.what,
      why: whyOf({ error: end.error ?? (isLast ? lastError : null), state, count }),
      ms: end.endedAt === null ? null : Math.max(0, Date.parse(end.endedAt) - Date.parse(end.startedAt)),
      delivery: isLast ? delivery : null,
    });
  });
}

type Look = Pick<Event, "icon" | "tone" | "what">;
const running: Look = { icon: "retry", tone: "info", what: words.events.running };
const looks: ReadonlyMap<string, Look> = new Map<string, Look>([
  ["done", { icon: "check", tone: "good", what: words.events.done }],
  ["skipped", { icon: "dash", tone: "quiet", what: words.events.skipped }],
  ["retry", { icon: "retry", tone: "warn", what: words.events.retry }],
  ["wait", { icon: "clock", tone: "quiet", what: words.events.wait }],
  ["held", { icon: "bars", tone: "warn", what: words.events.held }],
  ["dead", { icon: "close", tone: "bad", what: words.events.dead }],
  ["lost", { icon: "close", tone: "bad", what: words.events.lost }],
]);

function endingOf({ state }: Delivery): string {
  return looks.get(state)?.what ?? words.events.done;
}

function whyOf({
  error,
  state,
  count,
}: {
  error: string | null;
  state: Delivery["state"];
  count: number;
}): string | null {
  const known = error === null ? null : own(state === "skipped" ? texts.skipped : texts.held, error);
  const text = known ?? error;
  const more = count > 1 ? words.sameAgain(count - 1) : null;
  return [text, more].filter((part) => part !== null).join(" · ") || null;
}

/** What is still to come. */
function nextOf(delivery: Delivery): Event[] {
  const { state, attempts, dueAt, handler } = delivery;
  if (state === "skipped" && attempts.length === 0 && delivery.settledAt !== null)
    return [
      event(`${delivery.id} skipped`, delivery.settledAt, {
        who: handlerName(handler),
        what: words.events.skipped,
        why: whyOf({ error: delivery.lastError, state, count: 1 }),
        delivery,
      }),
    ];
  if (state !== "due") return [];
  const isLate = Date.parse(dueAt) <= Date.now();
  return [
    event(`${delivery.id} next`, dueAt, {
      icon: "clock",
      tone: "info",
      who: handlerName(handler),
      what: isLate ? words.events.queued : words.events.next,
    }),
  ];
}
