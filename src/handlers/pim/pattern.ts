import { createContext, Script } from "node:vm";

/** A regular expression of the settings that cannot be trusted with this text: rewrite it. */
export class PatternTooSlow extends Error {
  override name = "PatternTooSlow" as const;
}

const maxTextLength = 512;
const deadlineMs = 50;

// In a context of its own, because only there can a match that backtracks without end be stopped.
const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
const script = new Script("new RegExp(source, 'u').exec(text)?.groups");

/** The named groups of the match, or null. Texts longer than any public id do not match; a match that takes too long throws. */
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
    if (error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT")
      throw new PatternTooSlow(
        `the pattern ${pattern} took more than ${deadlineMs} ms: rewrite it without nested repetition`,
      );
    throw new PatternTooSlow(`the pattern ${pattern} is no regular expression: ${messageOf(error)}`);
  }
}

/** Errors of the context are none of this realm's. */
function messageOf(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error
    ? String(error.message)
    : "unknown";
}
