import type { RefusedSignature } from "./verify.ts";

export type RefusalReason =
  | RefusedSignature
  | "method-not-allowed"
  | "body-too-large"
  | "body-unreadable"
  | "body-timeout"
  /** Recorded with the beginning of its body and answered with 200, but also counted as rejected, so that operators notice it. */
  | "unreadable-cut";

/** The outcome of an HTTP request. */
export type Outcome =
  | { kind: "recorded"; id: string; timesSeen: number; cut: boolean; type: string; publicId: string | null }
  | { kind: "refused"; reason: RefusalReason }
  | {
      kind: "unavailable";
      /** `internal`: the receiver itself has failed; the log has the error. */
      reason: "database" | "internal" | "preview";
    }
  | { kind: "not-configured" };
