/** Sixteen digits where a JSON number may begin; a whole number beyond 2^53 has at least as many. */
const longNumber = /[\s:,[-]\d{16}/;

/**
 * Parses JSON, but keeps whole numbers beyond 2^53, which JavaScript would round, as text with all their digits. A field that must
 * be a number then rejects it, instead of holding another number than was sent. Throws what `JSON.parse` throws.
 */
export function parseExact(text: string): unknown {
  const json: unknown = JSON.parse(text);
  if (!longNumber.test(text)) return json; // A reviver takes five times as long as JSON.parse without one (docs/bench.md).
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      const rounded = typeof value === "number" && Math.abs(value) > Number.MAX_SAFE_INTEGER;
      return rounded && source !== undefined && /^-?\d{16}/.test(source) ? source : value;
    });
  } catch (error) {
    if (error instanceof RangeError) return json; // Nested too deeply for a reviver, not for JSON.parse itself.
    throw error;
  }
}
