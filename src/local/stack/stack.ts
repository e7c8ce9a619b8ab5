import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { readEnvironment } from "../../cli/environment.ts";
import { localFolder } from "../../cli/stack-files.ts";
import { sendNudge } from "../../lib/deliveries/nudge.ts";
import { startClock } from "./clock.ts";
import { folderCredentials } from "./credentials.ts";
import { requireUnused } from "./embedded-database.ts";
import { stackEnvironment } from "./environment.ts";
import { forgetEverything } from "./fresh.ts";
import { listeningChannel, startListening } from "./listening.ts";
import { lockFolder } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { NetlifyDev } from "./netlify-dev.ts";
import { consoleLine } from "./output.ts";
import { buildPage } from "./page.ts";
import { readOrigins, readPorts, requireFree } from "./ports.ts";
import { startProgress } from "./progress.ts";
import { readyBlock } from "./ready.ts";

export interface StackOptions {
  folder: string;
  /** Start without data. */
  fresh: boolean;
  /** Whether to fetch the notifications of a real account. */
  listen: boolean;
  /** The names of emulated clouds beside the first. */
  clouds?: readonly string[];
  say: (text: string) => void;
  /** Reports the progress of the start; by default `say`. */
  tell?: (text: string) => void;
  /** Aborts a start in progress. */
  signal: AbortSignal;
  /** Stops all started parts in reverse order, also if the start fails. */
  cleanup: AsyncDisposableStack;
}

/** Starts the receiver in `folder`, and reports when a function has responded. Throws `UserError`. */
export async function startStack({
  folder,
  fresh,
  listen,
  clouds = [],
  say,
  tell = say,
  signal,
  cleanup,
}: StackOptions): Promise<void> {
  const set = readEnvironment(folder);
  const ports = readPorts(set);
  const origins = readOrigins(set);
  const url = `http://localhost:${ports.receiver}`;
  const localUrl = `http://127.0.0.1:${ports.local}`;
  const listens = listen && (set.CLOUDINARY_URL ?? set.CLOUDINARY_URLS) !== undefined;
  cleanup.defer(await lockFolder(folder, { url, localUrl, listens }));
  const credentials = await folderCredentials(folder, clouds);
  const environment = stackEnvironment(set, { credentials, localUrl });
  await requireFree(ports);
  await requireUnused(folder);
  if (fresh) await forgetEverything(folder);

  const progress = startProgress(tell);
  cleanup.defer(() => progress.end());
  const log = createWriteStream(join(localFolder(folder), "netlify-dev.log"), { flags: "w" });
  cleanup.defer(() => new Promise<void>((resolve) => log.end(resolve)));
  const netlifyDev = new NetlifyDev({
    folder,
    url,
    port: ports.receiver,
    env: environment.variables,
    databaseUrl: environment.databaseUrl,
    migrate: async (databaseUrl) => {
      const applied = await migrate(folder, databaseUrl, environment.databaseCa);
      progress.step(`database ready${applied.length > 0 ? `, ${applied.length} migrations applied` : ""}`);
    },
    onLine: (line, ready) => {
      log.write(`${line}\n`);
      const text = ready ? consoleLine(line) : null;
      if (text !== null) say(text);
    },
    say,
  });
  process.once("exit", () => netlifyDev.kill());
  cleanup.defer(() => netlifyDev.stop());
  const [pageProblem, , { startStandIns }, { startDoctor }] = await Promise.all([
    buildPage(folder, signal).then(({ problem, isReused }) => {
      if (problem === null) progress.step(isReused ? "console page unchanged" : "console page built");
      return problem;
    }),
    netlifyDev.start(signal).then(() => progress.step("functions answer")),
    // Two thirds of the code, loaded while `netlify dev` starts.
    import("./stand-ins.ts"),
    import("./doctor.ts"),
  ]);
  if (pageProblem !== null)
    say(`The console's page could not be built. Hooks and API work without it.\n${pageProblem}`);
  cleanup.defer(
    await startStandIns({
      folder,
      port: ports.local,
      credentials,
      hookUrl: `${url}/webhooks`,
      cloudinary: environment.localCloudinary,
      mail: environment.localMail,
      chat: environment.localChat,
      akeneo: environment.localAkeneo,
      rekognition: environment.localRekognition,
      queues: environment.localForward,
      database: environment.databaseUrl === null ? netlifyDev : null,
      origins,
      say,
    }),
  );
  progress.end();
  cleanup.defer(startClock({ folder, url, secrets: environment.secrets, say }));
  say(readyBlock({ folder, url, localUrl, environment, channel: listens ? listeningChannel(folder) : null }));
  cleanup.defer(startDoctor({ folder, url, variables: environment.variables, say }));
  if (listens)
    for (const account of environment.accounts) cleanup.defer(startListening({ account, folder, url, say }));
  await sendNudge(url, environment.secrets); // For due deliveries of an earlier run.
}
