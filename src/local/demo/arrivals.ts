import { Mismatch, until } from "./check.ts";
import type { Arrived, Receiver, Row } from "./receiver.ts";

/** Which notification is meant. Some types name their asset by its id only, some by its public id only. */
export interface Wanted {
  type: string;
  publicId?: string;
  assetId?: string;
}

/** Each look is a call of a function, which under `netlify dev` is work for a processor. */
const pauseMs = 500;

/** What came in since the demo began; however many flows wait, one request at a time looks. */
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

  /** The notification, once all of its deliveries are settled. One that failed and is due again later is a `Mismatch`. */
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

  /** Resolves when nothing of what is meant is on its way any more; what failed and waits for its next try is not. */
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

  /** As it stands now or later: a look that began before the call does not count, the next one is shared. */
  #look(): Promise<Row[]> {
    this.#next ??= this.#after(this.#looking);
    return this.#next;
  }

  async #after(looking: Promise<Row[]> | null): Promise<Row[]> {
    await looking?.catch(() => undefined); // Told to those who wait for that one.
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

/** It was tried and is due again, whether it failed or asked to wait. */
const waitsAgain = ({ deliveries }: Row): boolean =>
  deliveries.some(({ state, attempts }) => state === "due" && attempts > 0);
