import { Mismatch, until } from "./check.ts";
import type { Arrived, Receiver, Row } from "./receiver.ts";

/** Identifies a notification. Some types name their asset by id only, some by public id only. */
export interface Wanted {
  type: string;
  publicId?: string;
  assetId?: string;
}

/** Each poll calls a function, which costs CPU time under `netlify dev`. */
const pauseMs = 500;

/** The notifications received since the demo began. All waiting flows share one poll at a time. */
export class Arrivals {
  readonly #receiver: Receiver;
  readonly #since = new Date(Date.now() - 1_000);
  readonly #signal: AbortSignal;
  #looking: Promise<Row[]> | null = null;
  #next: Promise<Row[]> | null = null;

  constructor(receiver: Receiver, signal: AbortSignal) {
    this.#receiver = receiver;
    this.#signal = signal;
  }

  /**
   * Resolves with the notification when all its deliveries are settled. Throws `Mismatch` if one failed and is due for
   * a retry.
   */
  async settled(wanted: Wanted): Promise<Arrived> {
    const name = `the ${wanted.type} of ${wanted.publicId ?? wanted.assetId}`;
    let failures: string[] = [];
    const [found] = await until(`${name} and its deliveries`, {
      read: async () => {
        const rows = (await this.#look()).filter((row) => isWanted(row, wanted));
        failures = await this.#failures(rows.find(waitsAgain));
        return rows;
      },
      holds: (rows) => failures.length > 0 || (rows.length > 0 && rows.every(isSettled)),
      expected: "one that is recorded, every delivery settled",
      pauseMs,
      signal: this.#signal,
    });
    if (failures.length > 0 || found === undefined)
      throw new Mismatch(`the deliveries of ${name}`, { expected: "done", seen: failures });
    return await this.#receiver.notification(found.id);
  }

  /**
   * Resolves when no matching notification has a delivery in progress. Deliveries that wait for a retry do not count.
   */
  async quiet(isMeant: (row: Row) => boolean): Promise<void> {
    await until("the deliveries of this run", {
      read: async () =>
        (await this.#look()).filter((row) => isMeant(row) && !isSettled(row) && !waitsAgain(row)),
      holds: (rows) => rows.length === 0,
      expected: "none on its way",
      pauseMs,
      signal: this.#signal,
    });
  }

  /**
   * The state now or later: a poll that began before this call does not count; concurrent callers share the next one.
   */
  #look(): Promise<Row[]> {
    this.#next ??= this.#after(this.#looking);
    return this.#next;
  }

  async #after(looking: Promise<Row[]> | null): Promise<Row[]> {
    await looking?.catch(() => undefined); // Errors are reported to the callers that wait for that poll.
    this.#next = null;
    this.#looking = this.#receiver.since(this.#since);
    return await this.#looking;
  }

  async #failures(row: Row | undefined): Promise<string[]> {
    if (row === undefined) return [];
    const { deliveries } = await this.#receiver.notification(row.id);
    return deliveries
      .filter(({ state, attempts }) => state === "due" && attempts.at(-1)?.outcome === "retry")
      .map(({ handler, lastError }) => `${handler} is tried again later: ${lastError}`);
  }
}

const isWanted = (row: Row, { type, publicId, assetId }: Wanted): boolean =>
  row.type === type &&
  (publicId === undefined || row.publicId === publicId) &&
  (assetId === undefined || row.assetId === assetId);

const isSettled = ({ deliveries }: Row): boolean =>
  deliveries.every(({ state }) => state !== "due" && state !== "running");

/** It was attempted and is due again, because it failed or asked to be retried later. */
const waitsAgain = ({ deliveries }: Row): boolean =>
  deliveries.some(({ state, attempts }) => state === "due" && attempts > 0);
