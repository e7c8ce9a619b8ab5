import type { RefusedSignature } from "./verify.ts";

export type RefusalReason = RefusedSignature | "method-not-allowed" | "body-too-large" | "body-unreadable";

/** The end of one HTTP request. */
export type Outcome =
  | { kind: "recorded"; id: string; timesSeen: number }
  | { kind: "refused"; reason: RefusalReason }
  | { kind: "unavailable"; reason: "database" | "preview" }
  | { kind: "not-configured" };
