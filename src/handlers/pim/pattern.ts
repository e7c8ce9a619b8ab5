import { createContext, Script } from "node:vm";

/** A pattern in the settings took too long; the cause is the pattern or a busy machine. */
export class PatternTooSlow extends Error {
  override name = "PatternTooSlow" as const;
}

/** A pattern in the settings is not a valid regular expression. */
export class PatternInvalid extends Error {
  override name = "PatternInvalid" as const;
}

const maxTextLength = 512;
/** Thousands of times what a good pattern needs, because the limit is wall-clock time. */
const deadlineMs = 500;
/** If the process got less than a tenth of that time, the machine was busy, and the pattern is tried again, at most so often. */
const mostTries = 3;

// A separate context, because only there can a match with catastrophic backtracking be stopped.
const context = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
const script = new Script("new RegExp(source, 'u').exec(text)?.groups");

/** The named groups of the match, or null. Texts longer than any public id do not match. Throws `PatternTooSlow` or `PatternInvalid`. */
export function matchPattern(pattern: string, text: string): Record<string, string | undefined> | null {
  if (text.length > maxTextLength) return null;
  for (let tries = 1; ; tries += 1) {
    context.source = pattern;
    context.text = text;
    const before = process.cpuUsage();
    try {
      const groups: Record<string, string | undefined> | undefined = script.runInContext(context, {
        timeout: deadlineMs,
      });
      return groups === undefined ? null : { ...groups };
    } catch (error) {
      const { user, system } = process.cpuUsage(before);
      const wasBusy = (user + system) / 1_000 < deadlineMs / 10;
      // The error names only the pattern, which comes from the settings; the public id is untrusted.
      if (property(error, "code") !== "ERR_SCRIPT_EXECUTION_TIMEOUT")
        throw new PatternInvalid(
          `the pattern ${pattern} is not a valid regular expression: ${property(error, "message")}`,
        );
      if (!wasBusy || tries === mostTries)
        throw new PatternTooSlow(
          `the pattern ${pattern} took over ${deadlineMs} ms: write it without nested repetition`,
        );
    }
  }
}

/** Errors from the other context are not instances of this context's `Error`. */
function property(error: unknown, key: "code" | "message"): string | undefined {
  if (typeof error !== "object" || error === null || !(key in error)) return undefined;
  const value: unknown = Reflect.get(error, key);
  return typeof value === "string" ? value : undefined;
}
