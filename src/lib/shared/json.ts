import { own } from "./own.ts";

/** An object from JSON. It can have any keys, including `__proto__`: iterate with `Object.entries`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property of a value of unknown structure; undefined if it is missing. */
export function property(value: unknown, name: string): unknown {
  return isObject(value) ? own(value, name) : undefined;
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
