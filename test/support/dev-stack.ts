import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type FullRecord, fullRecordSchema } from "../../src/console/shared/record.ts";
import { scheduledFunctions } from "../../src/local/stack/clock.ts";
import { type Ran, type Running, start } from "./run.ts";
import { signedRequest } from "./signed-request.ts";

/** What `npm start` wrote for its own folder. */
interface Credentials {
  cloudName: string;
  apiKey: string;
  apiSecret: string;
  operatorToken: string;
}

export interface DevStack extends Running {
  url: string;
  localUrl: string;
  credentials: Credentials;
}

/** With all the machine's other work, a start takes up to this. */
const readyMs = 280_000;

/** `npm start` in `folder`, ready; through `netlify dev`, as a person has it. */
export async function devStack(
  folder: string,
  { port, localPort, args = [] }: { port: number; localPort: number; args?: readonly string[] },
): Promise<DevStack> {
  const running = start(folder, ["src/local/start.ts", ...args], {
    PORT: String(port),
    LOCAL_PORT: String(localPort),
  });
  try {
    await running.says("The receiver is ready.", readyMs);
  } catch (error) {
    running.child.kill("SIGTERM");
    await running.ended;
    throw error;
  }
  const credentials = JSON.parse(await readFile(join(folder, ".local/credentials.json"), "utf8"));
  return {
    ...running,
    url: `http://localhost:${port}`,
    localUrl: `http://127.0.0.1:${localPort}`,
    credentials,
  };
}

/**
 * In a folder that copies `netlify`, before the start: the stack's clock calls no function. Otherwise it may sweep between two looks at
 * what a sweep changes, at every fifth minute.
 */
export async function withoutSchedules(folder: string): Promise<void> {
  for (const { name, cron } of await scheduledFunctions(folder)) {
    const file = join(folder, "netlify/functions", `${name}.ts`);
    await writeFile(file, (await readFile(file, "utf8")).replace(`"${cron}"`, '"0 0 29 2 *"'));
  }
}

/** Ctrl-C, as a terminal sends it. */
export async function interrupt({ child, ended }: Running): Promise<Ran> {
  child.kill("SIGINT");
  return await ended;
}

/** Posts a signed body to a hook. */
export async function post(
  { url, credentials }: DevStack,
  path: string,
  body: string,
  timestamp = Math.floor(Date.now() / 1_000),
): Promise<{ id: string; timesSeen: number }> {
  const response = await fetch(
    signedRequest(body, { path, origin: url, secret: credentials.apiSecret, timestamp }),
  );
  const answer = (await response.json()) as { id: string; timesSeen: number };
  if (response.status !== 200)
    throw new Error(`${path} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** The record of a notification, once all its deliveries are settled. */
export async function settled(stack: DevStack, id: string): Promise<FullRecord> {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200)) {
    const response = await fetch(`${stack.url}/api/notifications/${id}`, {
      headers: { authorization: `Bearer ${stack.credentials.operatorToken}` },
    });
    const record = fullRecordSchema.parse(await response.json());
    if (record.deliveries.every(({ state }) => state !== "due" && state !== "running")) return record;
  }
  throw new Error(`not settled: ${id}\n${stack.output().slice(-4_000)}`);
}

/** One short connection: the embedded database is a single session. */
export async function query<R extends pg.QueryResultRow>(folder: string, sql: string): Promise<R[]> {
  const state = JSON.parse(await readFile(join(folder, ".netlify/state.json"), "utf8"));
  const client = new pg.Client(state.dbConnectionString);
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

export interface LocalMail {
  subject: string;
  to: { email: string }[];
  html: string;
}

export async function mails({ localUrl }: Pick<DevStack, "localUrl">): Promise<LocalMail[]> {
  const response = await fetch(`${localUrl}/mailbox.json`);
  return ((await response.json()) as { mails: LocalMail[] }).mails;
}

/** Command lines of the processes that run in the folder; all that a stack starts do. Where there is no /proc, none is found. */
export function processesIn(folder: string): string[] {
  return ofEachIn(folder, (pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
}

/** The memory of all processes that run in the folder. Pages that they share count once for each of them. */
export function residentKb(folder: string): number {
  const sizes = ofEachIn(folder, (pid) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function ofEachIn<T>(folder: string, read: (pid: string) => T): T[] {
  if (!existsSync("/proc/self/cwd")) return [];
  return readdirSync("/proc").flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === folder ? [read(pid)] : [];
    } catch {
      return []; // Ended while we looked, or a zombie.
    }
  });
}
