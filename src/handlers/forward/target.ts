/** A message to a target. */
export interface Message {
  /** The delivery: the same in every attempt, so that the target recognises a repeat. */
  id: string;
  /** Messages of a group keep their order: the asset. */
  group: string;
  /** The type of the notification. */
  type: string;
  /** JSON. */
  body: string;
  signal: AbortSignal;
}

/** `refused`: no retry of this message helps. `misconfigured`: no message helps before a person changes the settings, so the target is paused. */
export type Sent =
  | { kind: "sent"; result: { [name: string]: string | number } }
  | { kind: "try-again"; error: string; afterMs?: number }
  | { kind: "refused"; error: string }
  | { kind: "misconfigured"; error: string };

export type Send = (message: Message) => Promise<Sent>;
