import { ApiError } from "../api-error.ts";

/** Opaque to callers: the offset of the next page. */
export const cursorOf = (offset: number): string => Buffer.from(`after ${offset}`).toString("base64url");

export function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const [, offset] = /^after (\d+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (offset === undefined) throw new ApiError(400, `Invalid next_cursor ${cursor}`);
  return Number(offset);
}
