import { createHash, timingSafeEqual } from "node:crypto";
import type { Operator } from "../../config.ts";
import { comesFrom } from "./same-origin.ts";
import { readSession } from "./session-cookie.ts";

export type Access =
  /** `expiresAt`: of the session; null with a bearer token. */
  { ok: true; operator: string; expiresAt: Date | null } | { ok: false; reason: AccessRefusal };

export type AccessRefusal = "closed" | "cross-site" | "token-in-url" | "token-wrong" | "signed-out";

export const accessHints: Readonly<Record<AccessRefusal, string>> = {
  closed: "The console is closed until OPERATOR_TOKEN (at least 32 characters) is set for the functions.",
  "cross-site": "This request came from another site, and was refused.",
  "token-in-url": "A token in an address ends up in logs: send it as Authorization: Bearer <OPERATOR_TOKEN>.",
  "token-wrong": "This is not an OPERATOR_TOKEN that the receiver has.",
  "signed-out": "Sign in, or send the operator's token: Authorization: Bearer <OPERATOR_TOKEN>.",
};

export const accessStatus: Readonly<Record<AccessRefusal, 400 | 401 | 403 | 503>> = {
  closed: 503,
  "cross-site": 403,
  "token-in-url": 400,
  "token-wrong": 401,
  "signed-out": 401,
};

/** Who sends the request, by bearer token or by session cookie. No token configured: closed to everybody. */
export function accessOf(
  request: Request,
  operators: readonly Operator[],
  { local, now }: { local: boolean; now: number },
): Access {
  if (operators.length === 0) return { ok: false, reason: "closed" };
  if (/[?&](token|access_token|operator_token)=/i.test(request.url))
    return { ok: false, reason: "token-in-url" };
  const changes = !["GET", "HEAD"].includes(request.method);
  const from = comesFrom(request);
  if (changes && from === "elsewhere") return { ok: false, reason: "cross-site" };

  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) {
    const operator = operatorOf(bearer, operators);
    return operator
      ? { ok: true, operator: operator.name, expiresAt: null }
      : { ok: false, reason: "token-wrong" };
  }
  const session = readSession(request.headers, operators, { local, now });
  if (!session) return { ok: false, reason: "signed-out" };
  return changes && from !== "own-page" ? { ok: false, reason: "cross-site" } : { ok: true, ...session };
}

/** The operator whose token it is, compared in constant time with all of them: the time says neither which nor how much matched. */
export function operatorOf(token: string, operators: readonly Operator[]): Operator | undefined {
  const sent = digest(token);
  return operators.filter((operator) => timingSafeEqual(digest(operator.token), sent))[0];
}

/** Of equal length whatever the token's is, which the comparison needs. */
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
