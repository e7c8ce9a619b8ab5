import { createHash, timingSafeEqual } from "node:crypto";
import type { Operator, OperatorRole } from "../../lib/shared/operators.ts";
import { FailedTokens } from "./failed-tokens.ts";
import { comesFrom } from "./same-origin.ts";
import { readSession } from "./session-cookie.ts";

export type Access =
  /** `expiresAt`: when the session expires; null for a bearer token. */
  | { ok: true; operator: string; role: OperatorRole; expiresAt: Date | null }
  /** `retryAfter`: in seconds, if the request can be retried later. */
  | { ok: false; reason: AccessRefusal; retryAfter?: number };

export type AccessRefusal =
  | "closed"
  | "cross-site"
  | "token-in-url"
  | "token-wrong"
  | "too-many-wrong-tokens"
  | "signed-out"
  | "viewers-only-read";

export const accessHints: Readonly<Record<AccessRefusal, string>> = {
  closed:
    "The console is disabled. To enable it, set OPERATOR_TOKEN for the functions to a random token of at least 32 characters.",
  "cross-site": "Cross-site requests are rejected.",
  "token-in-url":
    "Do not send the token in the URL, where it ends up in logs. Send it as Authorization: Bearer <OPERATOR_TOKEN>.",
  "token-wrong": "The token matches no entry of OPERATOR_TOKEN.",
  "too-many-wrong-tokens": "Too many invalid tokens from this IP address. Try again in a minute.",
  "signed-out": "Sign in, or send an operator token: Authorization: Bearer <OPERATOR_TOKEN>.",
  "viewers-only-read": "This token is read-only. Actions and exact bytes require an operator token.",
};

export const accessStatus: Readonly<Record<AccessRefusal, 400 | 401 | 403 | 429 | 503>> = {
  closed: 503,
  "cross-site": 403,
  "token-in-url": 400,
  "token-wrong": 401,
  "too-many-wrong-tokens": 429,
  "signed-out": 401,
  "viewers-only-read": 403,
};

/** The failed tokens that this instance has seen; docs/console.md describes the limits. */
const failedTokens = new FailedTokens();

/** Identifies the sender by bearer token or session cookie. If no token is configured, all requests are rejected. */
export function accessOf(
  request: Request,
  operators: readonly Operator[],
  { local, now, address }: { local: boolean; now: number; address: string },
): Access {
  if (operators.length === 0) return { ok: false, reason: "closed" };
  if (/[?&](token|access_token|operator_token)=/i.test(request.url))
    return { ok: false, reason: "token-in-url" };
  const changes = !["GET", "HEAD"].includes(request.method);
  const from = comesFrom(request);
  if (changes && from === "elsewhere") return { ok: false, reason: "cross-site" };

  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    const retryAfter = failedTokens.secondsToWait(address, now);
    // Valid tokens are rejected as well, so that guessing is useless.
    if (retryAfter > 0) return { ok: false, reason: "too-many-wrong-tokens", retryAfter };
    const operator = operatorOf(bearer, operators);
    if (operator) return { ok: true, operator: operator.name, role: operator.role, expiresAt: null };
    failedTokens.add(address, now);
    return { ok: false, reason: "token-wrong" };
  }
  const session = readSession(request.headers, operators, { local, now });
  if (!session) return { ok: false, reason: "signed-out" };
  return changes && from !== "own-page" ? { ok: false, reason: "cross-site" } : { ok: true, ...session };
}

/** The operator with this token. It is compared with all tokens in constant time, so the time reveals neither which one matched nor how much of it. */
export function operatorOf(token: string, operators: readonly Operator[]): Operator | undefined {
  const sent = digest(token);
  return operators.filter((operator) => timingSafeEqual(digest(operator.token), sent))[0];
}

/** Hashes have equal length, which the comparison requires. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
