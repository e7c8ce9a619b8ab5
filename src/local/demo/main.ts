import { parseArgs } from "node:util";
import { reportError, UserError } from "../../cli/user-error.ts";
import type { Flow } from "./flow.ts";
import { flows } from "./flows/all.ts";
import { play } from "./play.ts";
import { shellLine } from "./shell.ts";
import { stackInUse } from "./stack-in-use.ts";
import { table } from "./table.ts";

const usage = `npm run demo               plays the flows of the training deck on the local stack, and says what happened
npm run demo -- --flow F10   one of them (${flows.map(({ id }) => id).join(", ")}); may be given several times
npm run demo -- --json       for scripts
npm run --silent demo -- --shell   for the examples of docs/flows.md: draws sample media into .local/samples, and prints the
                             CLOUDINARY_URL of the stack that runs in this folder

Uses the stack that runs in this folder, else starts one and ends it afterwards. Ends with 0 when every flow passed.`;

const stopping = stopRequest();

main().then(end, (error: unknown) => {
  end(stopping.aborted ? 1 : reportError(error));
});

/** Exit explicitly: the SDK and the stack may leave open handles. */
function end(code: number): never {
  if (stopping.aborted) console.error("Stopped.");
  process.exit(stopping.aborted ? 130 : code);
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
  const played = await play({ stack, flows: chosen, say, signal: stopping });
  if (stopping.aborted) return 130;
  const ok = played.leftBehind === null && played.flows.every(({ outcome }) => outcome !== "fail");
  const ms = Math.round(performance.now() - startedAt);
  if (values.json) console.log(JSON.stringify({ ok, ms, url: stack.url, ...played }, null, 2));
  else console.log(`\n${table(played.flows)}\n\n${verdict(played, ms)}`);
  return ok ? 0 : 1;
}

function parse() {
  try {
    return parseArgs({
      options: {
        flow: { type: "string", multiple: true, default: [] },
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

function verdict({ flows, leftBehind }: Awaited<ReturnType<typeof play>>, ms: number): string {
  const count = (wanted: string) => flows.filter(({ outcome }) => outcome === wanted).length;
  const failed = count("fail");
  return [
    `${count("pass")} passed, ${failed} failed, ${count("not-yet")} not implemented yet, in ${Math.round(ms / 1_000)} s.`,
    leftBehind === null
      ? "The assets and products of the demo were removed. Notifications, decisions and mails are kept."
      : `Some assets or products of the demo could not be removed. ${leftBehind}`,
  ].join("\n");
}

/** Under npm, Ctrl-C arrives twice because npm forwards it; repeats are ignored. */
function stopRequest(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => controller.abort());
  return controller.signal;
}
