import { isObject, type JsonObject } from "../../lib/shared/json.ts";

/** A line of the compiler of `netlify dev`. */
export const compilerError = /^\S+:\d+:\d+: ERROR: |Could not resolve /;

/**
 * A line of `netlify dev` as `npm start` prints it: the receiver's own log in words, and errors of the compiler. null for everything
 * else, which is only in the log file.
 */
export function consoleLine(line: string): string | null {
  const entry = parsed(line);
  if (entry === null) return compilerError.test(line) ? line : null;
  const { level, message, ...fields } = entry;
  const time = new Date().toLocaleTimeString("en-GB");
  if (level === "info" && message === "recorded") return `${time}  ${about(fields)}: recorded`;
  if (level === "info" && message === "delivery settled")
    return `${time}  ${about(fields)}: ${text(fields.handler)} ${text(fields.kind)}`;
  if (level === "info") return null;
  const named = Object.entries(fields).map(([name, value]) => `${name}=${text(value)}`);
  return `${time}  ${level === "warn" ? "warning" : level}: ${text(message)}${named.length > 0 ? `  ${named.join(" ")}` : ""}`;
}

const about = ({ type, publicId }: JsonObject): string =>
  publicId === null || publicId === undefined ? text(type) : `${text(type)} of ${text(publicId)}`;

const text = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** An entry of the receiver's log; null for other lines. */
function parsed(line: string): JsonObject | null {
  if (!line.startsWith('{"level":')) return null;
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}
