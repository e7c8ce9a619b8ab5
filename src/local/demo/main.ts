import { parseArgs } from "node:util";
import { reportError, UserError } from "../../cli/user-error.ts";
import type { Flow } from "./flow.ts";
import { flows } from "./flows/all.ts";
import { type Played, play } from "./play.ts";
import { shellLine } from "./shell.ts";
import { stackInUse } from "./stack-in-use.ts";
import { table } from "./table.ts";
import type { View } from "./views.ts";

const usage = `npm run demo               plays the flows of the training deck on the local stack, and says what happened
npm run demo -- --tidy     deletes at the end what the flows made
npm run demo -- --flow F10   one of them (${flows.map(({ id }) => id).join(", ")}); may be given several times
npm run demo -- --json       for scripts
npm run --silent demo -- --shell   for the examples of docs/flows.md: draws sample media into .local/samples, and prints the
                             CLOUDINARY_URL of the stack that runs in this folder

Uses the stack that runs in this folder. Otherwise it starts one: in a terminal, that stack keeps running until Ctrl-C, so that you can
look at the results; with --tidy or --json it is stopped. Exits with 0 if every flow passed.`;

const stopping = stopRequest();
/** The demo was over and only its stack was stopped. */
let stopped = false;

main().then(end, (error: unknown) => {
  end(stopping.aborted ? 1 : reportError(error));
});

/** Exit explicitly: the SDK and the stack may leave open handles. */
function end(code: number): never {
  const interrupted = stopping.aborted && !stopped;
  if (interrupted) console.error("Stopped.");
  process.exit(interrupted ? 130 : code);
}

/** Returns the exit code. */
async function main(): Promise<number> {
  const { values } = parse();
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.shell) {
    console.log(await shellLine(process.cwd()));
    return 0;
  }
  const chosen = values.flow.length === 0 ? flows : values.flow.map(flowOf);
  const startedAt = performance.now();
  // With --json, only the result goes to stdout, without progress.
  const say = values.json ? (line: string) => console.error(line) : (line: string) => console.log(line);
  await using cleanup = new AsyncDisposableStack();
  const stack = await stackInUse({ folder: process.cwd(), say, signal: stopping, cleanup });
  const played = await play({ stack, flows: chosen, isTidy: values.tidy, say, signal: stopping });
  if (stopping.aborted) return 130;
  const ok = played.leftBehind === null && played.flows.every(({ outcome }) => outcome !== "fail");
  const ms = Math.round(performance.now() - startedAt);
  if (values.json) console.log(JSON.stringify({ ok, ms, url: stack.url, ...played }, null, 2));
  else console.log(`\n${table(played.flows)}\n\n${verdict(played, ms)}`);
  if (!stack.isOwn || played.views.length === 0 || values.json) return ok ? 0 : 1;
  if (process.stdout.isTTY) {
    console.log("The stack keeps running so that you can look at them. Ctrl-C stops it.");
    await aborted(stopping);
    stopped = true;
  } else console.log("`npm start` starts the stack again, with everything that the demo made.");
  return ok ? 0 : 1;
}

function parse() {
  try {
    return parseArgs({
      options: {
        flow: { type: "string", multiple: true, default: [] },
        tidy: { type: "boolean", default: false },
        shell: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new UserError(`${cause instanceof Error ? cause.message : cause}\n\n${usage}`, 2, { cause });
  }
}

function flowOf(name: string): Flow {
  const flow = flows.find(({ id }) => id.toLowerCase() === name.toLowerCase());
  if (flow === undefined) throw new UserError(`Unknown flow "${name}".\n\n${usage}`, 2);
  return flow;
}

function verdict({ flows, leftBehind, isDeleted, views }: Played, ms: number): string {
  const count = (wanted: string) => flows.filter(({ outcome }) => outcome === wanted).length;
  const failed = count("fail");
  const notYet = count("not-yet");
  return [
    `${count("pass")} passed, ${failed} failed${notYet > 0 ? `, ${notYet} not implemented yet` : ""}, in ${Math.round(ms / 1_000)} s.`,
    leftBehind === null
      ? left(isDeleted, views)
      : `Something could not be deleted or restored. ${leftBehind}`,
  ].join("\n");
}

function left(isDeleted: boolean, views: readonly View[]): string {
  if (!isDeleted && views.length === 0) return "What the flows made was left in place.";
  if (isDeleted)
    return "The assets and products of the demo were removed. Notifications, decisions and mails are kept.";
  const lines = views.map(({ name, url, text }) => `  ${name.padEnd(14)}${url}\n  ${"".padEnd(14)}${text}`);
  return `\nLook at what it made (\`npm run demo -- --tidy\` deletes what it makes):\n\n${lines.join("\n")}\n`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Under npm, Ctrl-C arrives twice because npm forwards it; repeats are ignored. */
function stopRequest(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => controller.abort());
  return controller.signal;
}
