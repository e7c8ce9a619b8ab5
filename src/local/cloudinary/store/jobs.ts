import type { Job, Scheduled } from "./state.ts";
import { newId, type Store } from "./store.ts";

export type Jobs = ReturnType<typeof jobs>;

/** Thrown by a job that was interrupted because the emulator closes. The job runs again at the next start. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** The maximum number of notifications in flight: under `netlify dev`, each call reloads its function. */
const notificationsInFlight = 4;

/** Scheduled jobs. They are stored with the state, so an interrupted job runs again after a restart. */
export function jobs(options: { store: Store; now: () => number; run: (job: Job) => Promise<void> }) {
  const { store, now } = options;
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const ready: Scheduled[] = [];
  let notifying = 0;
  let closed = false;

  function arm(scheduled: Scheduled): void {
    const delay = Math.min(Math.max(0, scheduled.due_at - now()), 2 ** 31 - 1);
    timers.set(
      scheduled.id,
      setTimeout(() => {
        timers.delete(scheduled.id);
        ready.push(scheduled);
        startReady();
      }, delay),
    );
  }

  function startReady(): void {
    for (let at = 0; at < ready.length && !closed; ) {
      const scheduled = ready[at];
      if (scheduled?.job.kind === "notify" && notifying >= notificationsInFlight) at += 1;
      else for (const job of ready.splice(at, 1)) start(job);
    }
  }

  function start(scheduled: Scheduled): void {
    const isNotification = scheduled.job.kind === "notify";
    if (isNotification) notifying += 1;
    const work = options
      .run(scheduled.job)
      .then(
        () => settle(scheduled),
        (error: unknown) => (error instanceof Interrupted ? undefined : fail(scheduled, error)),
      )
      .finally(() => {
        running.delete(work);
        if (isNotification) notifying -= 1;
        startReady();
      });
    running.add(work);
  }

  function fail(scheduled: Scheduled, error: unknown): Promise<void> {
    console.error(`Local Cloudinary: ${scheduled.job.kind} failed:`, error);
    return settle(scheduled);
  }

  async function settle(scheduled: Scheduled): Promise<void> {
    store.state.jobs = store.state.jobs.filter((other) => other.id !== scheduled.id);
    await store.save();
  }

  return {
    schedule(job: Job, delayMs: number): void {
      const scheduled = { id: newId(), due_at: now() + delayMs, job };
      store.state.jobs.push(scheduled);
      if (!closed) arm(scheduled);
    },
    /** Resumes the jobs of an earlier run. */
    resume(): void {
      for (const scheduled of store.state.jobs) arm(scheduled);
    },
    /** Resolves when no job is due or running, including retries. */
    async idle(): Promise<void> {
      while (timers.size > 0 || ready.length > 0 || running.size > 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    /** Starts no further jobs and waits for running ones. `resume` continues. */
    async close(): Promise<void> {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      ready.length = 0;
      await Promise.all(running);
      await store.flush();
    },
  };
}
