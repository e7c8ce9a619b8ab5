import { own } from "./own.ts";

/** An object out of JSON. Its keys are whatever was sent, `__proto__` among them: go through it by `Object.entries`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property of a value of unknown shape; undefined when it is missing. */
export function property(value: unknown, name: string): unknown {
  return isObject(value) ? own(value, name) : undefined;
}
