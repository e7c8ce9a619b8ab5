import type { Entry, Journal } from "./journal.ts";
import type { Records } from "./model/records.ts";
import type { Violation } from "./model/violation.ts";

const mostEntries = 120;

/** What happened to the notification of a violation: its attempts to arrive, its deliveries, and what the run did meanwhile. */
export function timelineOf({ about }: Violation, records: Records, journal: Journal): Entry[] {
  if (about.length === 0) return [];
  const notifications = records.notifications.filter(
    ({ id, token, publicId }) =>
      about.includes(id) ||
      (token !== null && about.includes(token)) ||
      (publicId !== null && about.includes(publicId)),
  );
  const ids = new Set(notifications.map(({ id }) => id));
  const deliveries = records.deliveries.filter(
    ({ id, notificationId, subject }) =>
      ids.has(notificationId) || about.includes(id) || (subject !== null && about.includes(subject)),
  );
  const own = new Map(deliveries.map((one) => [one.id, one]));
  const recorded: Entry[] = [
    ...notifications.map(({ receivedAt, type, source, id }) => ({
      at: receivedAt.getTime(),
      about: id,
      text: `recorded ${type} from ${source}`,
    })),
    ...records.attempts.flatMap(({ deliveryId, number, startedAt, endedAt, outcome, error }) => {
      const delivery = own.get(deliveryId);
      if (!delivery) return [];
      const what = `${delivery.handler} attempt ${number}`;
      return [
        { at: startedAt.getTime(), about: deliveryId, text: `${what} starts` },
        ...(endedAt
          ? [
              {
                at: endedAt.getTime(),
                about: deliveryId,
                text: `${what} ends: ${outcome}${error === null ? "" : `, ${error}`}`,
              },
            ]
          : []),
      ];
    }),
  ];
  const names = [...about, ...ids, ...own.keys()];
  const noted = journal.timeline(names, 0, Number.POSITIVE_INFINITY).filter((entry) => entry.about !== "");
  const times = [...recorded, ...noted].map(({ at }) => at);
  if (times.length === 0) return [];
  const [from, to] = [Math.min(...times) - 1_000, Math.max(...times) + 1_000];
  const around = journal
    .timeline([], from, to)
    .filter(({ text }) => /^(killed|frozen|begins|ends|ended|fault-|stalled)/.test(text));
  const all = [...recorded, ...noted, ...around].sort((a, b) => a.at - b.at);
  // The end of a long one matters as much as its beginning.
  return all.length <= mostEntries ? all : [...all.slice(0, mostEntries / 2), ...all.slice(-mostEntries / 2)];
}

/** One line: the log of a function, which is JSON. Null for anything else. */
export function readLine(line: string): { level: string; message: string; deliveryId: string | null } | null {
  try {
    const { level, message, deliveryId = null } = JSON.parse(line);
    return { level, message, deliveryId };
  } catch {
    return null;
  }
}
