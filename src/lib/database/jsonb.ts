/** Text that Postgres can store: without NUL and lone surrogates. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}

/** A value in a form that jsonb accepts, regardless of the content of its strings. */
export function jsonb(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === "string" ? storable(part) : part));
}
