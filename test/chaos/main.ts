import { parseArgs } from "node:util";
import { cleanUp } from "./clean-up.ts";
import { type ChaosReport, endEverything, runChaos } from "./run.ts";

const usage = `Usage: npm run chaos -- [--minutes N] [--seed N] [--only TEXT] [--json] [--evidence FILE]

Runs the built functions as separate processes against PostgreSQL, PgBouncer and the emulators, with faults on every side, and checks
that nothing was lost, doubled or done wrongly (docs/proof.md). Exits with 1 if an invariant was violated.

  --minutes N  how long there are faults; usually two minutes come on top (default 2)
  --seed N     which faults, and when (default: a random one, which is printed)
  --only TEXT  only faults with this in their name, such as "killed"
  --json       prints the report as JSON
  --evidence FILE  writes the rows, the notifications sent and everything that happened to a file, as JSON`;

const { minutes, seed, only, json, evidence } = parse();
cleanUp(endEverything);

const report = await runChaos({
  seed,
  ms: minutes * 60_000,
  perSecond: 3,
  minuteMs: 1_000,
  only,
  pauseMs: [800, 6_000],
  calmMs: 12_000,
  sizes: { notification: 10, "deliver-background": 2, sweep: 2, reconcile: 1 },
  withPrevious: true,
  lostAtCloudinary: 0.1,
  maxDeletions: 5 + Math.round(5 * minutes),
  mailsBeforeDigest: 12,
  convergeMs: 200_000,
  quietMs: 130_000,
  evidence,
  say: (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`),
});
if (json) console.log(JSON.stringify(report, null, 2));
else print(report);
process.exit(report.violations.length === 0 ? 0 : 1);

function print({ figures, faults, events, heldMails, violations }: ChaosReport): void {
  const tables = { Figures: figures, Faults: faults, Events: events, "Mails on hold": heldMails };
  for (const [title, counts] of Object.entries(tables)) {
    console.log(`\n${title}`);
    for (const [name, count] of Object.entries(counts))
      console.log(`  ${String(count).padStart(7)}  ${name}`);
  }
  console.log(`\n${violations.length} violations, seed ${seed}`);
  for (const { invariant, text, timeline } of violations.slice(0, 20)) {
    console.log(`\n${invariant}: ${text}`);
    for (const { at, about, text: said } of timeline)
      console.log(`  ${new Date(at).toISOString().slice(11, 23)} ${about.slice(0, 16).padEnd(16)} ${said}`);
  }
}

function parse(): { minutes: number; seed: number; only: string; json: boolean; evidence: string | null } {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: "string", default: "2" },
        seed: { type: "string", default: String(1 + Math.floor(Math.random() * 1_000_000)) },
        only: { type: "string", default: "" },
        json: { type: "boolean", default: false },
        evidence: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes > 0 && minutes <= 600)) throw new Error("--minutes must be a number above 0, at most 600");
    if (!Number.isSafeInteger(seed) || seed < 0) throw new Error("--seed must be a whole number");
    return { minutes, seed, only: values.only, json: values.json, evidence: values.evidence ?? null };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
