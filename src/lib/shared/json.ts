import { own } from "./own.ts";

/** An object out of JSON. Its keys are whatever was sent, `__proto__` among them: go through it by `Object.entries`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Of an answer whose shape nobody promises; undefined where there is no such thing. */
export function member(value: unknown, name: string): unknown {
  return isObject(value) ? own(value, name) : undefined;
}
