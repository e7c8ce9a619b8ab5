import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { parse, serialize } from "hono/utils/cookie";
import type { Operator, OperatorRole } from "../../lib/shared/operators.ts";
import { settings } from "../../settings.ts";

const sessionSeconds = Math.floor(settings.console.sessionMs / 1_000);

export interface Session {
  operator: string;
  /** The current role, which may have changed since the session started. */
  role: OperatorRole;
  expiresAt: Date;
}

/** `__Host-` prevents sibling domains from setting the cookie; browsers require Secure for it. */
function cookieName(local: boolean): string {
  return local ? "session" : "__Host-session";
}

/** The cookie of a new session: operator and expiry, signed with a key derived from the operator's token, so that changing the token ends the session. */
export function sessionCookie(operator: Operator, { local, now }: { local: boolean; now: number }): string {
  const claim = `${operator.name}.${Math.floor(now / 1_000) + sessionSeconds}`;
  const encoded = Buffer.from(claim).toString("base64url");
  return cookie(local, `${encoded}.${signature(operator, claim)}`, sessionSeconds);
}

/** Removes the session cookie from the browser. */
export function endedCookie(local: boolean): string {
  return cookie(local, "", 0);
}

/** The session of a request's cookie; null if there is none, it has expired, or its token is no longer configured. */
export function readSession(
  headers: Headers,
  operators: readonly Operator[],
  { local, now }: { local: boolean; now: number },
): Session | null {
  const name = cookieName(local);
  const value = parse(headers.get("cookie") ?? "", name)[name];
  const [encoded = "", signed = ""] = value?.split(".") ?? [];
  const claim = Buffer.from(encoded, "base64url").toString();
  const parts = /^(.+)\.(\d{1,12})$/.exec(claim);
  const operator = operators.find(
    (candidate) => candidate.name === parts?.[1] && isEqual(signature(candidate, claim), signed),
  );
  if (!parts || !operator) return null;
  const expiresAt = new Date(Number(parts[2]) * 1_000);
  return expiresAt.getTime() > now ? { operator: operator.name, role: operator.role, expiresAt } : null;
}

function signature({ token }: Operator, claim: string): string {
  const key = Buffer.from(hkdfSync("sha256", token, "", "cloudinary-webhooks session", 32));
  return createHmac("sha256", key).update(claim).digest("base64url");
}

function isEqual(received: string, expected: string): boolean {
  const [a, b] = [Buffer.from(received), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function cookie(local: boolean, value: string, maxAge: number): string {
  return serialize(cookieName(local), value, {
    path: "/",
    maxAge,
    httpOnly: true,
    sameSite: "Strict",
    secure: !local,
  });
}
