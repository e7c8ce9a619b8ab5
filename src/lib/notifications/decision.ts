import { isObject } from "../shared/json.ts";
import { instant } from "./instant.ts";

/** The status of an asset in one kind of moderation. */
export interface Decision {
  /** `manual`, `aws_rek`, ...; without the threshold of `duplicate:0.8`. `summary` is the combined result of several kinds. */
  kind: string;
  /** `queued`, `pending`, `approved`, `rejected`, `aborted`, or a status that Cloudinary adds later. */
  status: string;
  at?: Date;
}

export function decision(kind: string, status: string, at: unknown): Decision {
  const date = instant(at);
  return { kind: kind.split(":", 1)[0] ?? kind, status, ...(date && { at: date }) };
}

/**
 * The list of an upload (`[{kind, status, updated_at}]`), or an object by kind whose values are such entries or only statuses.
 * Entries without a status are ignored.
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
