import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { Secret } from "../../config.types.ts";
import type { Db } from "../database/pool.ts";
import { prepared } from "../database/prepared.ts";
import { reliedOnMs } from "./presence.ts";

export const nudgePath = "/.netlify/functions/deliver-background";
export const facesPath = "/.netlify/functions/faces-background";
const headerName = "x-nudge";
const minuteMs = 60_000;

/** When this instance last asked whether a worker is needed, by site. */
const askedAt = new Map<string, number>();

// Of several hooks at once, one takes the row, and the others do not wait for it. Both tables have few rows.
const starting = prepared(`
update pulse set at = now() where one_row = (
  select one_row from pulse
  where at < now() - interval '1 second'
    and (select count(*) from workers where alive_until > now()) < $1::int
    and not exists (select from workers where alive_until > now() and not saturated)
  for update skip locked)`);

export interface NudgeOptions {
  db: Db;
  origin: string;
  secrets: readonly Secret[];
  maxWorkers: number;
}

/**
 * Starts deliver-background, unless a worker is present that has room, or another hook started one within the last second, or as many
 * as may work do so. `not-answered` means that there was no 202 within two seconds.
 */
export async function nudge({
  db,
  origin,
  secrets,
  maxWorkers,
}: NudgeOptions): Promise<"sent" | "not-needed" | "not-answered"> {
  const now = Date.now();
  const elapsedMs = now - (askedAt.get(origin) ?? 0);
  // Saves a statement for each notification of a burst: a worker looks for longer than that after it left.
  if (elapsedMs >= 0 && elapsedMs < reliedOnMs) return "not-needed";
  askedAt.set(origin, now);
  try {
    const { rowCount } = await db.query(starting, [maxWorkers]);
    if (rowCount === 0) return "not-needed";
  } catch (error) {
    askedAt.delete(origin);
    throw error;
  }
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
