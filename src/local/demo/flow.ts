import type { Wanted } from "./arrivals.ts";
import type { Cloud } from "./cloud.ts";
import type { Arrived, Receiver } from "./receiver.ts";

/** One flow of the training deck. */
export interface Flow {
  id: string;
  title: string;
  /** Plays it as a user would, and throws `Mismatch` when it does not end as it should. A text says why it cannot be played yet. */
  play: ((stage: Stage) => Promise<void>) | string;
}

/** What a flow is played with. */
export interface Stage {
  cloud: Cloud;
  receiver: Receiver;
  /** The receiver's address. */
  url: string;
  signal: AbortSignal;
  /** Who must have each mail; null where that is not known. */
  recipients: readonly string[] | null;
  /** A public id or tag that no other run and no other flow has. */
  name(rest: string): string;
  /** A product that no other run and no other flow has. */
  sku: string;
  /** Tells what was sent to Cloudinary. */
  sent(what: string): void;
  /** Waits for a notification and all that is done with it, and tells that it arrived. */
  arrival(wanted: Wanted): Promise<Arrived>;
  /** Tells what was done, once that was checked. */
  done(what: string): void;
  /** Run at the end of the whole demo, whatever happened. */
  tidyBy(work: () => Promise<unknown>): void;
}

export interface FlowResult {
  id: string;
  title: string;
  sent: string[];
  arrived: { type: string; id: string }[];
  done: string[];
  ms: number;
  outcome: "pass" | "fail" | "not-yet";
  /** Why it failed, or is not there yet. */
  problem: string | null;
}
