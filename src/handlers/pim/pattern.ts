import { createContext, Script } from "node:vm";

/** A pattern of the settings that takes too long with a public id: it may be the pattern, or a machine that is busy. */
export class PatternTooSlow extends Error {
  override name = "PatternTooSlow" as const;
}

/** A pattern of the settings that cannot be read. */
export class PatternInvalid extends Error {
  override name = "PatternInvalid" as const;
}

const maxTextLength = 512;
/** Thousands of times what a sound pattern needs, since it is measured by the clock. */
const deadlineMs = 500;

// In a context of its own, because only there can a match that backtracks without end be stopped.
const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
const script = new Script("new RegExp(source, 'u').exec(text)?.groups");

/** The named groups of the match, or null. Texts longer than any public id do not match. Throws what is named above. */
export function matchPattern(pattern: string, text: string): Record<string, string | undefined> | null {
  if (text.length > maxTextLength) return null;
  context.source = pattern;
  context.text = text;
  try {
    const groups: Record<string, string | undefined> | undefined = script.runInContext(context, {
      timeout: deadlineMs,
    });
    return groups === undefined ? null : { ...groups };
  } catch (error) {
    // The pattern is the team's own text; the public id may be anybody's.
    if (property(error, "code") === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new PatternTooSlow(
        `the pattern ${pattern} took over ${deadlineMs} ms: write it without nested repetition`,
      );
    throw new PatternInvalid(
      `the pattern ${pattern} is no regular expression: ${property(error, "message")}`,
    );
  }
}

/** Errors of the other context are not instances of this one's `Error`. */
function property(error: unknown, key: "code" | "message"): string | undefined {
  if (typeof error !== "object" || error === null || !(key in error)) return undefined;
  const value: unknown = Reflect.get(error, key);
  return typeof value === "string" ? value : undefined;
}
