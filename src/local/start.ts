import { parseArgs } from "node:util";
import { reportError, UserError } from "../cli/user-error.ts";
import { startStack } from "./stack/stack.ts";

const usage = `npm start              the whole receiver on this machine: no account, no key, no network
npm start -- --fresh   the same, with an empty database and mailbox
npm start -- --clouds campaigns,archive
                       further clouds (product environments) beside the first, to see them side by side
npm start -- --no-listen
                       with CLOUDINARY_URL set: does not fetch the notifications of that account

PORT (8888) and LOCAL_PORT (8889) choose the ports; see .env.example for the rest.`;

/** The first cloud, and the paths of the local services. */
const reserved = new Set([
  "local",
  "library",
  "widget",
  "mailbox",
  "chat",
  "resend",
  "clouds",
  "queues",
  "v1_1",
  "v2",
  "v3",
]);

/** If npm ends without forwarding a signal, this process would keep running, so it stops as well. */
const byNpm = process.env.npm_lifecycle_event !== undefined;

await main().catch((error: unknown) => {
  process.exitCode = reportError(error);
});
process.exit();

async function main(): Promise<void> {
  const { values } = parse();
  if (values.help) return console.log(usage);
  const stopping = stopRequest();
  await using cleanup = new AsyncDisposableStack();
  try {
    const folder = process.cwd();
    await startStack({
      folder,
      fresh: values.fresh,
      listen: values.listen,
      clouds: cloudNames(values.clouds),
      say: console.log,
      signal: stopping,
      cleanup,
    });
    await aborted(stopping);
  } catch (error) {
    if (!stopping.aborted) throw error;
  }
  console.log("Stopping.");
}

function cloudNames(list: string): string[] {
  const names = list.split(",").filter((name) => name !== "");
  const wrong = names.find((name) => !/^[a-z][a-z0-9-]{1,40}$/.test(name) || reserved.has(name));
  if (wrong !== undefined) throw new UserError(`${wrong} cannot be the name of a cloud here\n\n${usage}`, 2);
  return [...new Set(names)];
}

function parse() {
  try {
    return parseArgs({
      allowNegative: true,
      options: {
        fresh: { type: "boolean", default: false },
        listen: { type: "boolean", default: true },
        clouds: { type: "string", default: "" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new UserError(`${cause instanceof Error ? cause.message : cause}\n\n${usage}`, 2, { cause });
  }
}

/** Under npm, Ctrl-C arrives twice, because npm forwards it: repeats are ignored. */
function stopRequest(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => controller.abort());
  if (byNpm) {
    const parent = process.ppid;
    setInterval(() => {
      if (process.ppid !== parent) controller.abort();
    }, 500).unref();
  }
  return controller.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
