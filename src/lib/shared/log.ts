import { redact } from "./redact.ts";

export type LogLevel = "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** One JSON object a line, redacted. Never pass bodies, signatures or recipients. */
export function log(level: LogLevel, message: string, fields: LogFields = {}): void {
  // Each text by itself first: JSON escapes what a secret may hold, and a field may end where somebody cut it.
  const clean = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? redact(value) : value,
  ]);
  const line = redact(JSON.stringify({ level, message, ...Object.fromEntries(clean) }));
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

/** What may be said of a caught value: its name and message, redacted and cut. SDK errors carry keys in other fields. */
export function errorText(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : "a value that is not an Error was thrown";
  return redact(text).slice(0, 1_000);
}
