import type { RefusedSignature } from "./verify.ts";

export type RefusalReason =
  | RefusedSignature
  | "method-not-allowed"
  | "body-too-large"
  | "body-unreadable"
  | "body-timeout"
  /** Recorded and answered 200 all the same, with the beginning of its body: counted, so that somebody looks. */
  | "unreadable-cut";

/** The end of one HTTP request. */
export type Outcome =
  | { kind: "recorded"; id: string; timesSeen: number; cut: boolean }
  | { kind: "refused"; reason: RefusalReason }
  | { kind: "unavailable"; reason: "database" | "preview" }
  | { kind: "not-configured" };
