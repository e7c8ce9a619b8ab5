import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "./journal.ts";
import type { Seeded } from "./seeded.ts";

/** Something that goes wrong for a time. */
export interface Fault {
  name: string;
  /** Of one group, one lasts at a time. */
  group: string;
  /** How often it is chosen, compared with others. */
  weight: number;
  /** How long it lasts, at least and at most. */
  ms: readonly [number, number];
  begin(): Promise<void> | void;
  end(): Promise<void> | void;
}

export interface ScheduleOptions {
  random: Seeded;
  journal: Journal;
  faults: readonly Fault[];
  /** Between the beginnings of two faults, at least and at most. */
  pauseMs: readonly [number, number];
  /** Now and then, this comes on top, so that what has piled up is worked on before the next fault. */
  calmMs: number;
  signal: AbortSignal;
}

/** Begins and ends faults, several at a time but one of each group, until `signal` aborts; then ends those that last. */
export async function runSchedule({
  random,
  journal,
  faults,
  pauseMs,
  calmMs,
  signal,
}: ScheduleOptions): Promise<Record<string, number>> {
  const lasting = new Map<string, Promise<void>>();
  const counts: Record<string, number> = {};
  const errors: unknown[] = [];
  const total = faults.reduce((sum, { weight }) => sum + weight, 0);
  const draw = (): Fault | undefined => {
    let at = random.fraction() * total;
    return faults.find(({ weight }) => {
      at -= weight;
      return at < 0;
    });
  };
  const last = async (fault: Fault, ms: number) => {
    journal.note("", `begins ${fault.name} for ${ms} ms`);
    try {
      await fault.begin();
      await sleep(ms, undefined, { signal }).catch(() => {});
    } finally {
      await fault.end();
      journal.note("", `ends ${fault.name}`);
      lasting.delete(fault.group);
    }
  };
  while (!signal.aborted) {
    const fault = draw();
    const ms = random.between(...(fault?.ms ?? [0, 0]));
    if (fault && !lasting.has(fault.group)) {
      counts[fault.name] = (counts[fault.name] ?? 0) + 1;
      lasting.set(
        fault.group,
        last(fault, ms).catch((error) => void errors.push(error)),
      );
    }
    const isCalm = random.chance(0.06);
    await sleep((isCalm ? calmMs : 0) + random.between(...pauseMs), undefined, { signal }).catch(() => {});
  }
  await Promise.all(lasting.values());
  if (errors.length > 0) throw new AggregateError(errors, "faults could not be begun or ended");
  return counts;
}
