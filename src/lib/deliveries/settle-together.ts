import type { Db } from "../database/pool.ts";
import { type Settled, type SettleOptions, type Settling, settle, settleAll } from "./settle.ts";

/** Outcomes of one statement: as many as a worker claims ahead (claims-ahead.ts), so that no small rest needs a statement of its own. */
const most = 250;

interface Waiting {
  attempt: Settling;
  resolve(settled: Settled): void;
  reject(error: unknown): void;
}

/**
 * Writes the outcomes of attempts that end while an earlier statement is on its way together, with the next one. So an outcome on its
 * own is written at once, and a hundred cost about as much as one. If the statement fails, each outcome is settled on its own.
 */
export function settlesTogether(db: Db, options: SettleOptions): (attempt: Settling) => Promise<Settled> {
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    // Attempts that end in the same turn belong together.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await writeBatch(batch);
    }
    isWriting = false;
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const settled = await settleAll(
        db,
        batch.map(({ attempt }) => attempt),
        options,
      );
      for (const [index, { resolve }] of batch.entries()) resolve(settled[index] ?? "lease-lost");
    } catch {
      // Nothing was written. Each is tried on its own, so that one outcome does not hold back the others.
      for (const { attempt, resolve, reject } of batch) settle(db, attempt, options).then(resolve, reject);
    }
  }

  return (attempt) =>
    new Promise((resolve, reject) => {
      waiting.push({ attempt, resolve, reject });
      if (!isWriting) void write();
    });
}
