import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../config.types.ts";
import type { Db } from "../database/pool.ts";

export const nudgePath = "/.netlify/functions/deliver-background";
export const facesPath = "/.netlify/functions/faces-background";
const headerName = "x-nudge";
const minuteMs = 60_000;

/** When this instance last sent a nudge, by site. */
const wonAt = new Map<string, number>();

/**
 * Starts deliver-background, unless another hook did so within the last second. One row in `pulse` decides, so a burst of a
 * thousand notifications causes about one nudge a second. `not-answered` means that there was no 202 within two seconds.
 */
export async function nudge(
  db: Db,
  origin: string,
  secrets: readonly Secret[],
): Promise<"sent" | "not-needed" | "not-answered"> {
  const now = Date.now();
  const elapsedMs = now - (wonAt.get(origin) ?? 0);
  // Within a second of its own nudge, this instance does not query the row: that saves a statement for each notification of a burst.
  if (elapsedMs >= 0 && elapsedMs < 1_000) return "not-needed";
  const { rowCount } = await db.query("update pulse set at = now() where at < now() - interval '1 second'");
  if (rowCount === 0) return "not-needed";
  wonAt.set(origin, now);
  return await sendNudge(origin, secrets);
}

export async function sendNudge(
  origin: string,
  secrets: readonly Secret[],
  path = nudgePath,
): Promise<"sent" | "not-answered"> {
  const headers = nudgeHeaders(secrets);
  if (!headers) return "not-answered";
  try {
    const { status } = await fetch(new URL(path, origin), {
      method: "POST",
      headers,
      signal: AbortSignal.timeout(2_000),
    });
    return status === 202 ? "sent" : "not-answered";
  } catch {
    return "not-answered"; // The caller schedules a wake-up, and the sweep delivers.
  }
}

/** The token for functions that only the receiver itself may call; null without a secret. */
export function nudgeHeaders(secrets: readonly Secret[]): Record<string, string> | null {
  const token = tokens(secrets, [Date.now()])[0];
  return token ? { [headerName]: token } : null;
}

/** Whether the request has the token of this minute, or of a minute at most two minutes away. Compared in constant time. */
export function isNudge(headers: Headers, secrets: readonly Secret[], now: number): boolean {
  const received = headers.get(headerName);
  if (!received || !/^[0-9a-f]{64}$/.test(received)) return false;
  const minutes = [-2, -1, 0, 1, 2].map((offset) => now + offset * minuteMs);
  return tokens(secrets, minutes).some((token) => timingSafeEqual(Buffer.from(token), Buffer.from(received)));
}

/** Derived from the first secret, so that no additional variable is needed. Without a secret there is no token, and every call is rejected. */
function tokens([secret]: readonly Secret[], times: readonly number[]): string[] {
  if (!secret?.value) return [];
  const key = Buffer.from(hkdfSync("sha256", secret.value, "", "cloudinary-webhooks nudge", 32));
  return times.map((time) =>
    createHmac("sha256", key)
      .update(`${Math.floor(time / minuteMs)}`)
      .digest("hex"),
  );
}
