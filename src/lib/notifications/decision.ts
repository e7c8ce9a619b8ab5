import { isObject } from "../shared/json.ts";
import { instant } from "./instant.ts";

/** What one kind of moderation says of an asset. */
export interface Decision {
  /** `manual`, `aws_rek`, ...; without the threshold in `duplicate:0.8`. `summary` for the outcome of several together. */
  kind: string;
  /** `queued`, `pending`, `approved`, `rejected`, `aborted`, or a word that Cloudinary adds one day. */
  status: string;
  at?: Date;
}

export function decision(kind: string, status: string, at: unknown): Decision {
  const date = instant(at);
  return { kind: kind.split(":", 1)[0] ?? kind, status, ...(date && { at: date }) };
}

/**
 * The list of an upload (`[{kind, status, updated_at}]`), or an object by kind whose values are such entries or bare statuses.
 * Entries that name no status decide nothing and are left to the body.
 */
export function readDecisions(wire: unknown): Decision[] {
  const named: [string | undefined, unknown][] = Array.isArray(wire)
    ? wire.map((entry) => [undefined, entry])
    : isObject(wire)
      ? Object.entries(wire)
      : [];
  return named.flatMap(([key, entry]) => {
    if (typeof entry === "string" && key !== undefined) return [decision(key, entry, undefined)];
    if (!isObject(entry)) return [];
    const kind = entry.kind ?? entry.moderation_kind ?? key;
    const status = entry.status ?? entry.moderation_status;
    if (typeof kind !== "string" || typeof status !== "string") return [];
    return [decision(kind, status, entry.updated_at ?? entry.moderation_updated_at)];
  });
}
