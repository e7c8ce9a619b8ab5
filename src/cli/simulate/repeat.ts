import { setTimeout as sleep } from "node:timers/promises";
import { columns } from "../output.ts";
import { type Posting, postSigned, type Sending } from "../post.ts";
import { showProgress } from "../progress.ts";
import type { Receiver } from "../receiver.ts";
import { UserError } from "../user-error.ts";

export interface RepeatOptions {
  times: number;
  /** Notifications a second; null sends each as soon as the one before is answered. */
  rate: number | null;
  next: () => Promise<Posting>;
}

export interface Repeated {
  sent: number;
  recorded: number;
  /** Each message with how often it came. */
  failures: { message: string; count: number }[];
  seconds: number;
  medianMs: number;
  slowestMs: number;
  /** The last recorded one. */
  last: Sending | null;
}

/** Sends many notifications, each with a new body. With a rate, answers are not waited for. */
export async function repeat(receiver: Receiver, { times, rate, next }: RepeatOptions): Promise<Repeated> {
  const answers: Sending[] = [];
  const failures = new Map<string, number>();
  const startedAt = performance.now();
  const running: Promise<void>[] = [];
  using progress = showProgress();
  for (let number = 0; number < times; number += 1) {
    const posting = await next();
    const one = postSigned(receiver, posting).then(
      (sending) => {
        answers.push(sending);
      },
      (error: unknown) => {
        if (!(error instanceof UserError)) throw error;
        failures.set(error.message, (failures.get(error.message) ?? 0) + 1);
      },
    );
    progress.show(`Sent ${number + 1} of ${times}`);
    if (rate === null) await one;
    else {
      running.push(one);
      await sleep(Math.max(0, startedAt + ((number + 1) * 1_000) / rate - performance.now()));
    }
  }
  await Promise.all(running);
  const durations = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    sent: times,
    recorded: answers.length,
    failures: [...failures].map(([message, count]) => ({ message, count })),
    seconds: Math.round((performance.now() - startedAt) / 100) / 10,
    medianMs: durations[Math.floor(durations.length / 2)] ?? 0,
    slowestMs: durations.at(-1) ?? 0,
    last: answers.at(-1) ?? null,
  };
}

export function describeRepeated({
  sent,
  recorded,
  failures,
  seconds,
  medianMs,
  slowestMs,
}: Repeated): string {
  return [
    `${sent} notifications sent in ${seconds} s, ${recorded} recorded.`,
    ...(recorded > 0 ? [`Answers took ${medianMs} ms (median) to ${slowestMs} ms.`] : []),
    ...columns(failures.map(({ message, count }) => [`  ${count} x`, message])),
  ].join("\n");
}
