import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { cleanUp } from "../chaos/clean-up.ts";
import { endEverything, type LoadReport, runLoad } from "./run.ts";

const usage = `Usage: npm run load -- [--only answers|burst] [--burst N] [--seconds N] [--minutes N] [--json]

Sends notifications to 1, 4 and 16 processes of the built hook, from 16, 64 and 256 senders, direct and through PgBouncer, and then a
burst that is delivered to the last (docs/proof.md).

  --only PART  answers: only the combinations; burst: only the burst
  --burst N    notifications of the burst (default 10000)
  --seconds N  how long each combination is measured (default 3)
  --minutes N  the most that the whole run may take (default 5)
  --json       prints the figures as JSON`;

const { only, burst, seconds, minutes, json } = parse();
cleanUp(endEverything);

const report = await runLoad({
  senders: [16, 64, 256],
  instances: only === "burst" ? [] : [1, 4, 16],
  ms: seconds * 1_000,
  burst: only === "answers" ? 0 : burst,
  withinMs: minutes * 60_000 - 15_000,
  say: (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`),
});
const machine = { node: process.version, cores: availableParallelism(), load: loadavg()[0] ?? 0 };
if (json) console.log(JSON.stringify({ machine, ...report }, null, 2));
else print(report);
process.exit(0);

function print({ cells, burst: drained }: LoadReport): void {
  console.log("senders  instances  way      answered/s  p50 ms  p99 ms  max ms  connections  errors");
  for (const { senders, instances, way, perSecond, p50Ms, p99Ms, maxMs, connections, errors } of cells) {
    const numbers = [perSecond, p50Ms, p99Ms, maxMs, connections];
    const widths = [10, 6, 6, 6, 11];
    const row = numbers.map((number, at) => String(number).padStart(widths[at] ?? 0)).join("  ");
    console.log(
      `${String(senders).padStart(7)}  ${String(instances).padStart(9)}  ${way.padEnd(7)}  ${row}  ${countsOf(errors) || "none"}`,
    );
  }
  if (drained === null) console.log("\nNo burst, or no time was left for it.");
  else {
    const { answers, drainedAfterSeconds, deliveries, mails, largestDigest, connections } = drained;
    console.log(`\nBurst: ${answers.answered} answered with 200, ${answers.perSecond} a second, p50 ${answers.p50Ms} ms, p99 ${answers.p99Ms} ms; errors: ${countsOf(answers.errors) || "none"}
${drainedAfterSeconds === null ? "Not drained in time" : `Drained after ${drainedAfterSeconds} s`}: ${countsOf(deliveries)}
${mails} mails, the largest about ${largestDigest} notifications; at most ${connections} connections`);
  }
  console.log(`\nNode ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)}`);
}

function countsOf(counts: Record<string, number>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(", ");
}

function parse(): { only: string; burst: number; seconds: number; minutes: number; json: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "" },
        burst: { type: "string", default: "10000" },
        seconds: { type: "string", default: "3" },
        minutes: { type: "string", default: "5" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    if (!["", "answers", "burst"].includes(values.only)) throw new Error("--only must be answers or burst");
    const [burst, seconds] = [Number(values.burst), Number(values.seconds)];
    const minutes = Number(values.minutes);
    if (!(Number.isSafeInteger(burst) && burst > 0 && burst <= 100_000))
      throw new Error("--burst must be a whole number from 1 to 100000");
    if (!(seconds > 0 && seconds <= 10)) throw new Error("--seconds must be above 0 and at most 10");
    if (!(minutes >= 1 && minutes <= 60)) throw new Error("--minutes must be from 1 to 60");
    return { only: values.only, burst, seconds, minutes, json: values.json };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
