import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import type { CloudinaryNotification } from "../notifications/notification.ts";

/** What JSON can hold; results and progress are stored as jsonb. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * How an attempt ended, as `settle` writes it.
 * `wait` counts no attempt; `hold` waits for a person; `give-up` is for errors that trying again cannot mend.
 * `progress` is handed to the next attempt; `follow` plans further deliveries of the same notification.
 */
export type Settlement =
  | { kind: "done"; progress?: Json; result?: Json; follow?: Follow[] }
  | { kind: "skip"; reason: string; result?: Json; follow?: Follow[] }
  | { kind: "hold"; reason: string; progress?: Json; result?: Json }
  | { kind: "wait"; until: Date; progress?: Json }
  | { kind: "retry"; error: string; afterMs?: number; progress?: Json; result?: Json }
  | { kind: "give-up"; error: string; progress?: Json; result?: Json };

/** A delivery planned by another: one due row per (handler, subject), so that a burst becomes one. */
export interface Follow {
  handler: string;
  subject: string;
}

/** A notification as it stands in the database, with its body parsed. */
export interface RecordedNotification {
  id: string;
  receivedAt: Date;
  /** From the signed header; null for what `reconcile` brought in. */
  signedAt: Date | null;
  /** How it came first: `webhook`, `reconcile` or `public` (the hook for uploads by visitors). */
  source: string;
  /** The cloud that its signature vouches for; null: not known, as with records from before clouds were kept. */
  cloud: string | null;
  /** Whether it came by the public hook, first or later: a visitor can have caused it. */
  byPublicHook: boolean;
  content: CloudinaryNotification;
}

export interface HandlerContext {
  /** The idempotency key: the same in every attempt of this delivery. */
  deliveryId: string;
  /** What the delivery is about where it was planned by another (an SKU); null otherwise. */
  subject: string | null;
  /** 1 for the first try. */
  attempt: number;
  /** Names this claim, in statements that a lost lease must keep from changing anything. */
  claimNumber: number;
  progress: Json | null;
  settings: Settings;
  db: Db;
  /** Aborts at the handler's deadline. */
  signal: AbortSignal;
  /**
   * Writes `sending_at`, right before a request that cannot be asked for afterwards.
   * If the attempt is lost after this mark, the delivery is held instead of repeated.
   * Throws `LeaseLost` when another worker has the delivery.
   * A gate that is full leaves it unmarked and answers false.
   */
  markSending(gate?: Gate): Promise<boolean>;
}

/** Lets through `most` deliveries of a subject within a time; the delivery takes the subject in any case. */
export interface Gate {
  subject: string;
  most: number;
  withinMs: number;
}

export interface Handler {
  name: string;
  handle(notification: RecordedNotification, context: HandlerContext): Promise<Settlement>;
}
