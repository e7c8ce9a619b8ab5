import { createHash } from "node:crypto";

const names = new Map<string, string>();

/**
 * Marks a statement that is sent often, so that a connection parses and plans it once (see `database`). Only for a constant text whose
 * plan does not depend on how many rows the tables have: a connection keeps a plan that it made while they were empty.
 */
export function prepared(text: string): string {
  // By its text, so that the name means the same for everybody whom a pooler gives the same connection.
  const digest = createHash("sha256").update(text).digest("hex");
  names.set(text, `cloudinary_webhooks_${digest.slice(0, 16)}`);
  return text;
}

/** The name of a statement that was marked; undefined for others. */
export const nameOf = (text: string): string | undefined => names.get(text);
