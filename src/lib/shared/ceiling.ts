import type { Settings } from "../../settings.types.ts";

/**
 * The latest time that a notification may contain: no event is later than its signature, apart from clock differences. `heardAt`: when
 * the notification was signed, or recorded if it is not signed.
 */
export function ceiling(heardAt: Date, settings: Pick<Settings, "receive">): Date {
  return new Date(heardAt.getTime() + settings.receive.maxAheadSeconds * 1_000);
}

/** The version of an upload at this time: Cloudinary uses the seconds since 1970. */
export function versionAt(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}
