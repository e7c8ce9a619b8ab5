import type { Wanted } from "./arrivals.ts";
import type { Cloud } from "./cloud.ts";
import type { Arrived, Receiver } from "./receiver.ts";

/** One flow of the training deck. */
export interface Flow {
  id: string;
  title: string;
  /**
   * Plays the flow as a user would; throws `Mismatch` if the result differs. Returns the reason if it cannot be played
   * yet.
   */
  play: ((stage: Stage) => Promise<void>) | string;
}

/** The context in which a flow is played. */
export interface Stage {
  cloud: Cloud;
  receiver: Receiver;
  /** The receiver's address. */
  url: string;
  signal: AbortSignal;
  /** The expected recipients of each mail; null if not known. */
  recipients: readonly string[] | null;
  /** A public id or tag unique to this run and flow. */
  name(rest: string): string;
  /** A product unique to this run and flow. */
  sku: string;
  /** Reports what was sent to Cloudinary. */
  sent(what: string): void;
  /** Waits for a notification and all its deliveries, and reports that it arrived. */
  arrival(wanted: Wanted): Promise<Arrived>;
  /** Reports a result, once it is checked. */
  done(what: string): void;
  /** Registers how to delete what the flow made, which happens with --tidy only. */
  tidyBy(work: () => Promise<unknown>): void;
  /** Registers how to restore a setting of the stack, which happens at the end of the demo in any case. */
  restoreBy(work: () => Promise<unknown>): void;
}

export interface FlowResult {
  id: string;
  title: string;
  sent: string[];
  arrived: { type: string; id: string }[];
  done: string[];
  ms: number;
  outcome: "pass" | "fail" | "not-yet";
  /** Why it failed or cannot be played yet. */
  problem: string | null;
}
