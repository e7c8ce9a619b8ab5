import { randomUUID } from "node:crypto";
import { withDeadline } from "../shared/deadline.ts";
import { errorText, log } from "../shared/log.ts";

/**
 * Lets a database sleep that is billed while it is awake: write-once keys `due/<minute>` in Netlify Blobs tell the sweep when to
 * query the database, those of a running worker with its id after them. Delivery does not depend on them: the sweep queries the database every six hours in any case. Calls time out
 * after two seconds, and failures are only logged.
 */
export interface WakeUps {
  /** Schedules a query at `at`, or two minutes from now if that is later. */
  schedule(at: Date): Promise<void>;
  /** A query in case this worker is lost. */
  safeguard(): Safeguard;
  /** The keys whose time has been reached; null if they cannot be read. */
  due(now: Date): Promise<string[] | null>;
  /** Deletes keys after a query found no more deliveries that were due by then. */
  clear(keys: readonly string[]): Promise<void>;
}

export interface Safeguard {
  /** Schedules the query at `at`, or two minutes from now if that is later, instead of the one before. */
  renew(at: Date): Promise<void>;
  /** The worker has ended and left nothing to do, so the database can sleep. */
  withdraw(): Promise<void>;
}

const minAheadMs = 2 * 60_000;
const callTimeoutMs = 2_000;
const prefix = "due/";

export function wakeUps(): WakeUps {
  return {
    schedule: (at) => write(keyOf(aheadOfNow(at))),
    safeguard() {
      // A key of its own, so that withdrawing it takes no other worker's away.
      const worker = randomUUID();
      let current: string[] = [];
      return {
        async renew(at) {
          const key = `${keyOf(aheadOfNow(at))}/${worker}`;
          const earlier = current.filter((one) => one !== key);
          current = [key];
          await write(key);
          await clear(earlier);
        },
        async withdraw() {
          await clear(current);
          current = [];
        },
      };
    },
    due: (now) =>
      attempt("list", null, async () => {
        const { blobs } = await (await store()).list({ prefix });
        return blobs.map(({ key }) => key).filter((key) => key.slice(0, keyOf(now).length) <= keyOf(now));
      }),
    clear,
  };
}

const aheadOfNow = (at: Date) => new Date(Math.max(at.getTime(), Date.now() + minAheadMs));

const write = (key: string) =>
  attempt("schedule", undefined, async () => {
    const written = await (await store()).set(key, "", { onlyIfNew: true });
    // A conditional write hides its failures: https://github.com/netlify/primitives/issues/741
    if (written.modified && !written.etag) throw new Error("the store accepted the key but returned no etag");
  });

async function clear(keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await attempt("delete", undefined, async () => {
    const blobs = await store();
    await Promise.all(keys.map((key) => blobs.delete(key)));
  });
}

async function store() {
  // Imported lazily, so that hooks load it only when needed, and inside the try block, because it throws outside Netlify.
  const { getStore } = await import("@netlify/blobs");
  return getStore({ name: "alarm", consistency: "strong" });
}

/** `due/20261123T1234`, rounded up to the minute: sorts by time and contains no characters that are special in URLs. */
function keyOf(at: Date): string {
  const minute = new Date(Math.ceil(at.getTime() / 60_000) * 60_000).toISOString();
  return prefix + minute.slice(0, 16).replaceAll(/[-:]/g, "");
}

async function attempt<T>(what: string, fallback: T, call: () => Promise<T>): Promise<T> {
  try {
    const timedOut = () => new Error(`no answer within ${callTimeoutMs} ms`);
    return await withDeadline(callTimeoutMs, call(), timedOut);
  } catch (error) {
    log("warn", `wake-up: ${what} failed`, { error: errorText(error) });
    return fallback;
  }
}
