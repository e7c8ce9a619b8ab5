import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { stopwatch } from "../../src/lib/shared/stopwatch.ts";
import { benchAnswer } from "./answer.ts";
import { benchBacklog } from "./backlog.ts";
import { benchConsole, manyAtScale } from "./console.ts";
import { benchDrain } from "./drain.ts";
import { benchEveryFunction } from "./every-function.ts";
import { type Figure, isMet } from "./figure.ts";
import { benchManyAssets } from "./many-assets.ts";
import { benchMemory } from "./memory.ts";
import { benchModeration } from "./moderation.ts";
import { benchPaint } from "./paint.ts";
import { benchParse } from "./parse.ts";
import { benchPim } from "./pim.ts";
import { benchPulse } from "./pulse.ts";
import { benchRetention } from "./retention.ts";
import { benchStartup } from "./startup.ts";
import { benchVerify } from "./verify.ts";

/** docs/bench.md explains each figure. */
const parts: Record<string, (atScale: boolean) => Promise<Figure[]>> = {
  verify: () => benchVerify(),
  startup: () => benchStartup(),
  answer: () => benchAnswer(),
  pulse: benchPulse,
  "many-assets": () => benchManyAssets(),
  drain: () => benchDrain(),
  backlog: () => benchBacklog(),
  retention: benchRetention,
  parse: parseFigures,
  pim: () => benchPim(),
  console: (atScale) => benchConsole(atScale ? manyAtScale : undefined),
  moderation: () => benchModeration(),
  memory: benchMemory,
  paint: () => benchPaint(),
};

const usage = `Usage: npm run bench -- [--only PART,PART] [--scale] [--json]
       npm run bench -- --before <folder> [--json]

Parts: ${Object.keys(parts).join(", ")}. docs/bench.md explains the figures.
--scale measures the console with 1,000,000 notifications instead of 100,000, the memory after 100,000 calls instead of 10,000,
the pulse of 150 instances as well as of 32, and three days of retention instead of two hours. It takes much longer.
--before compares start-up, size and memory of every function with those of another checkout.`;

const { json, names, before, scale } = parse();

const figures: Figure[] = [];
for (const name of names) {
  const elapsedMs = stopwatch();
  figures.push(...((await parts[name]?.(scale)) ?? []));
  console.error(`${name}: ${Math.round(elapsedMs() / 1_000)} s`);
}
if (before !== undefined) figures.push(...(await benchEveryFunction(before)));
const machine = { node: process.version, cores: availableParallelism(), load: loadavg()[0] ?? 0 };
if (json)
  console.log(
    JSON.stringify(
      { machine, figures: figures.map((figure) => ({ ...figure, met: isMet(figure) })) },
      null,
      2,
    ),
  );
else printTable();

function parse(): { json: boolean; names: string[]; before: string | undefined; scale: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        scale: { type: "boolean", default: false },
        only: { type: "string" },
        before: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    const { before } = values;
    const names = values.only?.split(",") ?? (before === undefined ? Object.keys(parts) : []);
    const unknown = names.filter((name) => !Object.hasOwn(parts, name));
    if (unknown.length > 0) throw new Error(`Unknown part: ${unknown.join(", ")}`);
    return { json: values.json, names, before, scale: values.scale };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

function printTable(): void {
  const rows = figures.map(rowOf);
  const header = ["", "compared with", "ours", "theirs", "ratio", "middle half", "target", ""];
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  for (const row of [header, ...rows])
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
  console.log(`\nNode ${machine.node}, ${machine.cores} cores, load ${machine.load.toFixed(1)}`);
}

function rowOf(figure: Figure): string[] {
  const { name, against, unit, ours, theirs, ratio, spread, aim } = figure;
  const met = isMet(figure);
  return [
    name,
    against,
    `${written(ours)} ${unit}`,
    `${written(theirs)} ${unit}`,
    ratio.toFixed(2),
    spread ? spread.map((end) => end.toFixed(2)).join("–") : "",
    aim === null ? "" : "atLeast" in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`,
    met === false ? "missed" : "",
  ];
}

function written(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

async function parseFigures(): Promise<Figure[]> {
  return (await benchParse()).map(({ body, bytes, parseMicros, jsonParseMicros, ratio, atMost }) => ({
    name: `parse ${body}, ${Math.round(bytes / 1_000)} KB`,
    against: "JSON.parse",
    unit: "µs",
    ours: parseMicros,
    theirs: jsonParseMicros,
    ratio,
    spread: null,
    aim: { atMost },
  }));
}
