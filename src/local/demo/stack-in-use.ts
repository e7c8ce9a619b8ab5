import { readEnvironment } from "../../cli/environment.ts";
import { findReceiver } from "../../cli/receiver.ts";
import { type Credentials, readCredentials, readStackFile } from "../../cli/stack-files.ts";
import { isAlive } from "../stack/lock.ts";
import { startStack } from "../stack/stack.ts";
import { DemoProblem } from "./problem.ts";

/** The stack that the demo plays on. */
export interface StackInUse {
  /** Of the receiver. */
  url: string;
  /** Of the stand-ins. */
  localUrl: string;
  credentials: Credentials;
  /** The operator's. */
  token: string;
  /** Whether it was running before. */
  wasRunning: boolean;
}

export interface StackInUseOptions {
  folder: string;
  say: (text: string) => void;
  signal: AbortSignal;
  /** Ends the stack if it was started here. */
  cleanup: AsyncDisposableStack;
}

/** The stack that runs in the folder, else one of our own. Throws `DemoProblem` or `StartProblem`. */
export async function stackInUse(options: StackInUseOptions): Promise<StackInUse> {
  const { folder, say } = options;
  const running = readStackFile(folder);
  const wasRunning = running !== null && (await isAlive(running));
  if (!wasRunning) await startOwn(options);
  const credentials = readCredentials(folder);
  const localUrl = readStackFile(folder)?.localUrl;
  const { url, token } = findReceiver(folder, undefined);
  if (credentials === null || token === null || localUrl === undefined)
    throw new DemoProblem(
      "The stack in this folder has no credentials; stop it, and start it again by `npm start`.",
    );

  await requireStandIns(localUrl, credentials.cloudName);
  say(wasRunning ? `On the stack that runs at ${url}.` : `On a stack of its own at ${url}.`);
  return { url, localUrl, credentials, token, wasRunning };
}

async function startOwn({ folder, say, signal, cleanup }: StackInUseOptions): Promise<void> {
  const set = readEnvironment(folder);
  const real = ["CLOUDINARY_URL", "SENDGRID_API_KEY"].filter((name) => set[name] !== undefined);
  if (real.length > 0)
    throw new DemoProblem(
      `${real.join(" and ")} ${real.length > 1 ? "are" : "is"} set, in the shell or in .env: the demo plays with stand-ins only and touches no real account. Run it without.`,
    );
  say("Starting the local stack ...");
  // Two people, so that "one mail each" is something to look at.
  if (set.TO_RECIPIENTS === undefined) process.env.TO_RECIPIENTS = "ann@example.com ben@example.com";
  await startStack({ folder, fresh: false, say: () => {}, signal, cleanup });
}

/** Where the real services are used, or on other ports, nothing is played. */
async function requireStandIns(localUrl: string, cloudName: string): Promise<void> {
  for (const path of ["/_control/status", "/mailbox.json"]) {
    const answer = await fetch(`${localUrl}${path}`, { signal: AbortSignal.timeout(10_000) }).catch(
      () => null,
    );
    const body: unknown = answer?.ok ? await answer.json() : null;
    if (answer?.ok && (path !== "/_control/status" || Object(body).cloudName === cloudName)) continue;
    throw new DemoProblem(
      `No stand-ins answer at ${localUrl}. The demo plays with them only: a stack that uses a real Cloudinary or SendGrid account has none.`,
    );
  }
}
