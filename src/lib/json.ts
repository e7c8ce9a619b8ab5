/** An object out of JSON. Its keys are whatever was sent, `__proto__` among them: go through it by `Object.entries`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
