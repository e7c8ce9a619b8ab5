import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Sent } from "./outside/sender.ts";
import type { Site } from "./site/site.ts";

/** The platform's scheduler: a sweep every three seconds instead of five minutes, reconcile every fifteen instead of six hours. */
export function startScheduler(site: Site, reconciles: boolean, runsSweeps: () => boolean) {
  let isOver = false;
  const every = async (ms: number, work: () => Promise<unknown>) => {
    while (!isOver) {
      await sleep(ms);
      if (!isOver) await work();
    }
  };
  const running = [
    every(3_000, async () => {
      if (runsSweeps()) await site.schedule("sweep");
    }),
    ...(reconciles ? [every(15_000, () => site.schedule("reconcile"))] : []),
  ];
  return {
    async end() {
      isOver = true;
      await Promise.all(running);
    },
  };
}

export interface ConvergeOptions {
  /** So long without any progress is a failure; a busy machine makes progress, slowly. */
  withinMs: number;
  /** As long as reconcile may still find something: it looks only at decisions that are some seconds old, by a clock that may be behind. */
  quietMs: number;
  url: string;
  /** Notifications that are still being sent. */
  active: () => number;
  /** Until the last story was told. */
  stories: Promise<unknown>;
}

const openDeliveries = `
select count(*) filter (where state in ('due', 'running'))::int as open, count(*) filter (where settled_at is not null)::int as settled
from deliveries`;

/** Times `withinMs`: no longer than this, even with progress. */
const mostTimes = 4;

/** Waits until everything was sent and nothing has been open for a while. Returns what is open. */
export async function converge({
  withinMs,
  quietMs,
  url,
  active,
  stories,
}: ConvergeOptions): Promise<number> {
  const startedAt = performance.now();
  await stories;
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  let open = -1;
  let progress = "";
  let progressAt = startedAt;
  let quietSince: number | null = null;
  try {
    while (
      performance.now() - progressAt < withinMs &&
      performance.now() - startedAt < mostTimes * withinMs
    ) {
      await sleep(500);
      const { rows } = await client.query<{ open: number; settled: number }>(openDeliveries);
      open = rows[0]?.open ?? -1;
      const now = `${rows[0]?.settled} ${active()}`;
      if (now !== progress) progressAt = performance.now();
      progress = now;
      quietSince = open === 0 && active() === 0 ? (quietSince ?? performance.now()) : null;
      if (quietSince !== null && performance.now() - quietSince > quietMs) return 0;
    }
  } finally {
    await client.end();
  }
  return open;
}

/** Says now and then how far the run is. */
export function startBeat(sent: readonly Sent[], say: (text: string) => void) {
  const timer = setInterval(() => {
    say(`${sent.length} notifications sent, ${sent.filter(({ isAccepted }) => isAccepted).length} accepted`);
  }, 30_000);
  return { end: () => clearInterval(timer) };
}
