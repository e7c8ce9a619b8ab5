import { redact } from "./redact.ts";

export type LogLevel = "info" | "warn" | "error";
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Writes one redacted JSON object per line. Never pass bodies, signatures or recipients. */
export function log(level: LogLevel, message: string, fields: LogFields = {}): void {
  // Each text is redacted individually first, because JSON escapes characters of secrets, and a field may have been cut within a secret.
  const clean = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === "string" ? redact(value) : value,
  ]);
  const line = redact(JSON.stringify({ level, message, ...Object.fromEntries(clean) }));
  if (level === "error") console.error(line);
  else if (level === "warn") console.warn(line);
  else console.log(line);
}

/** The name and message of a caught value, redacted and shortened. Other fields of SDK errors can contain keys. */
export function errorText(error: unknown): string {
  const text =
    error instanceof Error ? `${error.name}: ${error.message}` : "a value that is not an Error was thrown";
  return redact(text).slice(0, 1_000);
}
