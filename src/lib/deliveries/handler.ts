import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/db.ts";
import type { CloudinaryNotification } from "../notifications/notification.ts";

/** JSON values; results and progress are stored as jsonb. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/**
 * The outcome of an attempt, which `settle` writes.
 * `wait` does not count as an attempt; `hold` waits for an operator; `give-up` is for permanent errors.
 * `progress` is passed to the next attempt; `follow` plans further deliveries of the same notification.
 */
export type Settlement =
  | { kind: "done"; progress?: Json; result?: Json; follow?: Follow[] }
  | { kind: "skip"; reason: string; result?: Json; follow?: Follow[] }
  | { kind: "hold"; reason: string; progress?: Json; result?: Json }
  | { kind: "wait"; until: Date; progress?: Json }
  | { kind: "retry"; error: string; afterMs?: number; progress?: Json; result?: Json }
  | { kind: "give-up"; error: string; progress?: Json; result?: Json };

/** A delivery planned by another one. There is one due row for each (handler, subject), so that a burst becomes a single delivery. */
export interface Follow {
  handler: string;
  subject: string;
}

/** A notification from the database, with its parsed body. */
export interface RecordedNotification {
  id: string;
  receivedAt: Date;
  /** From the signed header; null for notifications that `reconcile` recorded. */
  signedAt: Date | null;
  /** How it was first received: `webhook`, `reconcile` or `public` (the hook for uploads by visitors). */
  source: string;
  /** The cloud of its signature; null if unknown, as in records from before the cloud was stored. */
  cloud: string | null;
  /** Whether any arrival was on the public hook, so that a visitor may have caused it. */
  byPublicHook: boolean;
  content: CloudinaryNotification;
}

export interface HandlerContext {
  /** The idempotency key: the same in every attempt of this delivery. */
  deliveryId: string;
  /** The subject of a delivery that was planned by another one, such as an SKU; otherwise null. */
  subject: string | null;
  /** 1 for the first attempt. */
  attempt: number;
  /** Identifies this claim in statements that must have no effect after the lease is lost. */
  claimNumber: number;
  progress: Json | null;
  settings: Settings;
  db: Db;
  /** Aborts at the handler's deadline. */
  signal: AbortSignal;
  /**
   * Writes `sending_at`, right before a request whose outcome cannot be checked afterwards.
   * If the attempt is lost after this mark, the delivery is held instead of repeated.
   * Throws `LeaseLost` if another worker has the delivery.
   * If the gate is full, the delivery is not marked and the result is false.
   * `repeatable`: the other side recognises the request when it is sent again, so an attempt that fails is retried and not held.
   */
  markSending(gate?: Gate, repeatable?: boolean): Promise<boolean>;
}

/** Limits the deliveries of a subject to `most` within a time; the delivery gets the subject in any case. */
export interface Gate {
  subject: string;
  most: number;
  withinMs: number;
}

export interface Handler {
  name: string;
  handle(notification: RecordedNotification, context: HandlerContext): Promise<Settlement>;
}
