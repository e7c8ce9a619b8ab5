export interface Entry {
  /** Milliseconds since 1970, by the machine's own clock. */
  at: number;
  /** What it is about: a notification's token, a delivery's id, a process; empty for all. */
  about: string;
  text: string;
}

/** What the run did and saw, for the timeline of a violation. */
export interface Journal {
  note(about: string, text: string): void;
  /** The entries about one of these, and those about all. */
  timeline(about: readonly string[], from: number, to: number): Entry[];
  /** Every entry that is kept. */
  all(): readonly Entry[];
  /** Counts by the first word of the text. */
  counts(): Record<string, number>;
}

/** More would not fit the memory of a run of hours; the oldest go first. */
const most = 300_000;

export function journal(): Journal {
  let entries: Entry[] = [];
  const counts = new Map<string, number>();
  return {
    note(about, text) {
      const [kind = ""] = text.split(" ", 1);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      entries.push({ at: Date.now(), about, text });
      if (entries.length > most) entries = entries.slice(most / 2);
    },
    timeline: (about, from, to) =>
      entries.filter(
        (entry) =>
          entry.at >= from &&
          entry.at <= to &&
          (entry.about === "" || about.some((one) => entry.about === one)),
      ),
    all: () => entries,
    counts: () => Object.fromEntries(counts),
  };
}
