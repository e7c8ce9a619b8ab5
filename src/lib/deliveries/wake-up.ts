import { withDeadline } from "../shared/deadline.ts";
import { errorText, log } from "../shared/log.ts";

/**
 * Lets a database that is billed awake sleep: write-once keys `due/<minute>` in Netlify Blobs say when the sweep must
 * touch it. Correctness never rests on the alarm: the sweep looks every six hours all the same, a call that takes longer than two
 * seconds is given up, and a failure is logged and goes no further.
 */
export interface Alarm {
  /** Asks for a look at `at`, or two minutes from now where that is later. */
  ring(at: Date): Promise<void>;
  /** The keys whose minute has come; null when it cannot be told. */
  due(now: Date): Promise<string[] | null>;
  /** Deletes keys, after a look that left nothing due by then. */
  silence(keys: readonly string[]): Promise<void>;
}

const leastAheadMs = 2 * 60_000;
const callTimeoutMs = 2_000;
const prefix = "due/";

export function alarm(): Alarm {
  return {
    ring: (at) =>
      guarded("ring", undefined, async () => {
        const written = await (await store()).set(
          keyOf(new Date(Math.max(at.getTime(), Date.now() + leastAheadMs))),
          "",
          {
            onlyIfNew: true,
          },
        );
        // A conditional write hides its failures: https://github.com/netlify/primitives/issues/741
        if (written.modified && !written.etag) throw new Error("the store took the key and named no etag");
      }),
    due: (now) =>
      guarded("list", null, async () => {
        const { blobs } = await (await store()).list({ prefix });
        return blobs.map(({ key }) => key).filter((key) => key <= keyOf(now));
      }),
    silence: (keys) =>
      guarded("delete", undefined, async () => {
        const blobs = await store();
        await Promise.all(keys.map((key) => blobs.delete(key)));
      }),
  };
}

async function store() {
  // Lazy, so that hooks load it only when they ring; and inside the guard, since it throws outside Netlify.
  const { getStore } = await import("@netlify/blobs");
  return getStore({ name: "alarm", consistency: "strong" });
}

/** `due/20261123T1234`, rounded up to the minute: sorts by time, and holds no character that a URL cuts. */
function keyOf(at: Date): string {
  const minute = new Date(Math.ceil(at.getTime() / 60_000) * 60_000).toISOString();
  return prefix + minute.slice(0, 16).replaceAll(/[-:]/g, "");
}

async function guarded<T>(what: string, otherwise: T, call: () => Promise<T>): Promise<T> {
  try {
    const timedOut = () => new Error(`no answer within ${callTimeoutMs} ms`);
    return await withDeadline(callTimeoutMs, call(), timedOut);
  } catch (error) {
    log("warn", `alarm: ${what} failed`, { error: errorText(error) });
    return otherwise;
  }
}
