import { expect, it } from "vitest";
import { runChaos } from "./run.ts";

// The short form of `npm run chaos` (docs/proof.md): a few seconds of faults around three of the built functions.
it("P10 no notification is lost, doubled or acted on wrongly while processes, PostgreSQL and services fail", {
  timeout: 400_000,
  retry: 0, // A violation counts even if it does not come again.
}, async () => {
  const { violations, figures, faults } = await runChaos({
    seed: 4,
    ms: 5_000,
    perSecond: 12,
    minuteMs: 250,
    only: "",
    pauseMs: [100, 500],
    calmMs: 1_000,
    sizes: { notification: 2, "deliver-background": 2, sweep: 1 },
    withPrevious: false,
    lostAtCloudinary: 0,
    maxDeletions: 100,
    mailsBeforeDigest: 1_000,
    convergeMs: 60_000,
    quietMs: 500,
    evidence: null,
    say: () => {},
  });
  expect(violations).toEqual([]);
  expect(figures.accepted).toBeGreaterThan(20);
  expect(Object.keys(faults).length).toBeGreaterThan(3);
});
