import type { AlertFinding } from "./causes.ts";

/** A cause that began or ended. */
export interface AlertChange extends AlertFinding {
  cause: string;
  kind: string;
  /** false: the all-clear. */
  active: boolean;
  /** ISO 8601. */
  beganAt: string;
  endedAt: string | null;
}

/** One message; all changes that were found at once are in it. */
export interface AlertMessage {
  /** The same at every attempt. */
  id: string;
  createdAt: Date;
  changes: AlertChange[];
}

export type Sent =
  | { kind: "sent" }
  /** Certainly not sent. `final`: no retry can mend it. */
  | { kind: "failed"; error: string; final: boolean }
  /** It may have been sent. */
  | { kind: "unknown"; error: string };

/** A way to reach people. A further one is a file that implements this, and a line in channels.ts. */
export interface AlertChannel {
  /** Stored with each message. */
  name: string;
  /** Whether the other side recognises a message that is sent again, so that one with an unknown outcome may be. */
  repeatable: boolean;
  /** Never rejects. Errors contain neither secrets nor addresses. */
  send(message: AlertMessage, signal: AbortSignal): Promise<Sent>;
}
