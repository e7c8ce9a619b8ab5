/** Sixteen digits where a JSON number can begin; integers beyond 2^53 have at least 16 digits. */
const longNumber = /[\s:,[-]\d{16}/;

/**
 * Parses JSON, but keeps integers beyond 2^53, which JavaScript would round, as text with all digits. A field that must be a number
 * then rejects the text instead of having a different number. Throws the errors of `JSON.parse`.
 */
export function parseExact(text: string): unknown {
  const json: unknown = JSON.parse(text);
  if (!longNumber.test(text)) return json; // JSON.parse takes five times as long with a reviver (docs/bench.md).
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      const rounded = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
      return rounded && source !== undefined && /^-?\d{16}/.test(source) ? source : value;
    });
  } catch (error) {
    if (error instanceof RangeError) return json; // Nested too deeply for a reviver, but not for JSON.parse itself.
    throw error;
  }
}
