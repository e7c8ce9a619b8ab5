import type { Settings } from "../../settings.types.ts";

/**
 * The latest instant that a notification may claim for itself: nothing has happened later than it was signed, give or take the
 * clocks. `heardAt`: when it was signed, or recorded where nobody signed it.
 */
export function ceiling(heardAt: Date, settings: Pick<Settings, "receive">): Date {
  return new Date(heardAt.getTime() + settings.receive.maxAheadSeconds * 1_000);
}

/** The version that an upload of this instant gets: Cloudinary counts the seconds since 1970. */
export function versionAt(instant: Date): number {
  return Math.floor(instant.getTime() / 1_000);
}
