import { settings } from "../../src/settings.ts";

const second = 1_000;

export interface ChaosScale {
  /** Deletions that moderation may make; more are held. */
  maxDeletions: number;
  /** Mails to the same recipients before the others wait for a digest. */
  mailsBeforeDigest: number;
}

/**
 * The settings of two deploys that run side by side. Hours are seconds, so that a run of minutes sees every retry: the schedule is
 * the default one, divided by about sixty, with more tries than any run needs, so that nothing is dead for the faults alone.
 */
export function chaosSettings({ maxDeletions, mailsBeforeDigest }: ChaosScale) {
  const shared = {
    ...settings,
    receive: { ...settings.receive, recordTimeoutMs: 3 * second },
    deliver: {
      ...settings.deliver,
      retryDelaysMs: [0, 300, 600, second, ...Array<number>(196).fill(2 * second)],
      handlerTimeoutMs: 6 * second,
      leaseMarginMs: 3 * second,
      maxWorkers: 3,
      maxRetryAfterMs: 5 * second,
    },
    pim: { ...settings.pim, connectors: ["pim:webhook"] },
    email: {
      ...settings.email,
      timeoutMs: 3 * second,
      digest: { most: mailsBeforeDigest, withinMs: 20 * second, largest: 40 },
      maxPerDay: 1_000_000,
    },
    moderation: {
      ...settings.moderation,
      maxDeletionsPerHour: maxDeletions,
      rules: [
        {
          approved: { do: "publish", by: "access-control" },
          rejected: { do: "delete" },
          pending: { do: "nothing" },
          aborted: { do: "nothing" },
        },
      ],
      reconcile: {
        ...settings.moderation.reconcile,
        queues: [{ kind: "manual", resourceType: "image" }],
        minAgeMs: 8 * second,
      },
    },
    databaseSleeps: false,
  };
  return {
    first: shared,
    // What a team changes between two deploys: speed, digests, the wake-ups of a database that sleeps.
    second: {
      ...shared,
      deliver: { ...shared.deliver, concurrency: 3, handlerTimeoutMs: 5 * second, maxWorkers: 2 },
      email: { ...shared.email, digest: { ...shared.email.digest, withinMs: 10 * second } },
      databaseSleeps: true,
    },
  };
}
