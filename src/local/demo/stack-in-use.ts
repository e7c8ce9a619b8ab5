import { setTimeout as sleep } from "node:timers/promises";
import { readEnvironment } from "../../cli/environment.ts";
import { findReceiver } from "../../cli/receiver.ts";
import { type Credentials, readCredentials, readStackFile } from "../../cli/stack-files.ts";
import { UserError } from "../../cli/user-error.ts";
import { isAlive } from "../stack/lock.ts";

/** The stack that the demo uses. */
export interface StackInUse {
  /** Base URL of the receiver. */
  url: string;
  /** Base URL of the emulators. */
  localUrl: string;
  credentials: Credentials;
  /** The operator token. */
  token: string;
  /** The expected recipients of each mail; null if another shell set them. */
  recipients: readonly string[] | null;
  /** Whether the demo started it. */
  isOwn: boolean;
}

export interface StackInUseOptions {
  folder: string;
  say: (text: string) => void;
  /** Aborts a start in progress. */
  signal: AbortSignal;
  /** Stops the stack if it was started here. */
  cleanup: AsyncDisposableStack;
}

/** Returns the folder's running stack, or starts one. Throws `UserError`. */
export async function stackInUse(options: StackInUseOptions): Promise<StackInUse> {
  const { folder, say } = options;
  const isRunning = await isAnyRunning(folder);
  const recipients = isRunning ? null : await startOwn(options);
  const stack = { ...(await runningStack(folder)), recipients, isOwn: !isRunning };
  say(isRunning ? `Using the running stack at ${stack.url}.` : `Using a new stack at ${stack.url}.`);
  return stack;
}

/** Returns the folder's running stack, with the emulators of both services. Throws `UserError` if none runs. */
export async function runningStack(folder: string): Promise<Omit<StackInUse, "recipients" | "isOwn">> {
  const running = readStackFile(folder);
  const credentials = readCredentials(folder);
  if (running === null || credentials === null || !(await isAlive(running)))
    throw new UserError("No stack is running in this folder. Start one with `npm start`.");
  const { localUrl } = running;
  await requireStandIns(localUrl, credentials.cloudName);
  const { url, token } = findReceiver(folder, undefined);
  return { url, localUrl, credentials, token: token ?? credentials.operatorToken };
}

async function isAnyRunning(folder: string): Promise<boolean> {
  const found = readStackFile(folder);
  return found !== null && (await isAlive(found));
}

async function startOwn({ folder, say, signal, cleanup }: StackInUseOptions): Promise<string[]> {
  const set = readEnvironment(folder);
  const real = ["CLOUDINARY_URL", "SENDGRID_API_KEY"].filter((name) => set[name] !== undefined);
  if (real.length > 0) {
    const are = real.length > 1 ? "are" : "is";
    throw new UserError(
      `${real.join(" and ")} ${are} set, in the shell or in .env. The demo only uses emulators and never a real account. Unset ${real.length > 1 ? "them" : "it"} and run the demo again.`,
    );
  }
  // Two recipients, to show that each gets a mail.
  const recipients = set.TO_RECIPIENTS ?? "ann@example.com ben@example.com";
  process.env.TO_RECIPIENTS = recipients;
  const { startStack } = await import("../stack/stack.ts"); // Half of the code of the demo.
  await startStack({ folder, fresh: false, listen: false, say: () => {}, tell: say, signal, cleanup });
  return recipients.split(/[\s,]+/).filter((address) => address !== "");
}

/** Time limit for starting a stack. */
const startingMs = 60_000;

/** Waits for a stack that is starting. The demo refuses one with real accounts, because it has no emulators. */
async function requireStandIns(localUrl: string, cloudName: string): Promise<void> {
  const end = Date.now() + startingMs;
  let status = await read(`${localUrl}/_control/status`);
  while (status === "nobody" && Date.now() < end) {
    await sleep(500);
    status = await read(`${localUrl}/_control/status`);
  }
  const mails = await read(`${localUrl}/mailbox.json`);
  if (Object(status).cloudName === cloudName && Object(mails).mails !== undefined) return;
  throw new UserError(
    `The emulators of Cloudinary and SendGrid are not both running at ${localUrl}. The demo does not use real accounts: unset CLOUDINARY_URL and SENDGRID_API_KEY for \`npm start\`.`,
  );
}

async function read(url: string): Promise<unknown> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return response.ok ? await response.json() : null;
  } catch {
    return "nobody"; // Not running, or still starting.
  }
}
