import { readdir, readFile } from "node:fs/promises";
import { join, parse } from "node:path";
import type { Secret } from "../../config.types.ts";
import { nudgeHeaders } from "../../lib/deliveries/nudge.ts";
import { errorText } from "../../lib/shared/log.ts";
import { isDue } from "./cron.ts";

const minuteMs = 60_000;
/** Scheduled functions have 30 s, but start slowly under `netlify dev`. */
const longestMs = 60_000;

export interface ScheduledFunction {
  name: string;
  cron: string;
}

/** Like Netlify, reads `schedule` from the source, where it must be a literal. Read at each tick, so that edits take effect. */
export async function scheduledFunctions(folder: string): Promise<ScheduledFunction[]> {
  const functions = join(folder, "netlify/functions");
  const files = (await readdir(functions)).filter((file) => /\.[mc]?ts$/.test(file));
  const found = await Promise.all(
    files.map(async (file) => {
      const cron = /\bschedule:\s*"([^"]+)"/.exec(await readFile(join(functions, file), "utf8"))?.[1];
      return cron === undefined ? [] : [{ name: parse(file).name, cron }];
    }),
  );
  return found.flat();
}

/** Calls the functions that are due at `at`; returns a message for each failure. */
export async function callDue(options: {
  folder: string;
  url: string;
  secrets: readonly Secret[];
  at: Date;
  signal: AbortSignal;
}): Promise<string[]> {
  const due = (await scheduledFunctions(options.folder)).filter(({ cron }) => isDue(cron, options.at));
  const failures = due.map(async ({ name }) => {
    try {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(longestMs)]);
      const headers = nudgeHeaders(options.secrets) ?? {};
      const address = `${options.url}/.netlify/functions/${name}`;
      const { status } = await fetch(address, { method: "POST", headers, signal });
      return status === 200 ? [] : [`The scheduled function ${name} returned ${status}.`];
    } catch (error) {
      return [`The scheduled function ${name} did not respond. ${errorText(error)}`];
    }
  });
  return (await Promise.all(failures)).flat();
}

/** Calls the scheduled functions when they are due, which `netlify dev` does not do. Returns a function that stops it. */
export function startClock(options: {
  folder: string;
  url: string;
  /** The receiver's secrets, from which the token of its functions is derived. */
  secrets: readonly Secret[];
  say: (text: string) => void;
}): () => void {
  const stopping = new AbortController();
  const { signal } = stopping;
  const tick = async (at: Date) => {
    for (const failure of await callDue({ ...options, at, signal }))
      if (!signal.aborted) options.say(failure);
  };
  const arm = (): NodeJS.Timeout => {
    const next = (Math.floor(Date.now() / minuteMs) + 1) * minuteMs;
    const ring = () => {
      timer = arm();
      tick(new Date(next)).catch((error: unknown) =>
        options.say(`Calling scheduled functions failed: ${errorText(error)}`),
      );
    };
    return setTimeout(ring, next - Date.now()).unref();
  };
  let timer = arm();
  return () => {
    stopping.abort();
    clearTimeout(timer);
  };
}
