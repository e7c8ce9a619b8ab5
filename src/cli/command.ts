import { type Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** The receiver that a command talks to. */
export const urlOption = new Option(
  "--url <address>",
  "address of another receiver, such as https://hooks.example.com (default: the one that `npm start` runs in this folder)",
).argParser(address);

export const jsonOption = new Option("--json", "print JSON, for scripts");

/** A section for the end of a command's help. */
export const examples = (lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ npx webhooks ${line}`).join("\n")}`;

/** Ends the command with exit code 2, as a wrong option does. */
export const wrongUsage = (command: Pick<Command, "error">, message: string): never =>
  command.error(`error: ${message}`);

/** Parses an argument as one of these values; an error suggests a similar one. For `argParser`, after `choices`. */
export const oneOf =
  <V extends string>(values: readonly V[]) =>
  (text: string): V => {
    const found = values.find((value) => value === text);
    if (found !== undefined) return found;
    const [nearest] = values
      .map((value) => ({ value, edits: editsBetween(text, value) }))
      .sort((a, b) => a.edits - b.edits);
    if (nearest !== undefined && nearest.edits <= Math.max(2, text.length / 3))
      throw new InvalidArgumentError(`\n(Did you mean ${nearest.value}?)`);
    throw new InvalidArgumentError(`Expected one of ${values.join(", ")}.`);
  };

/** The Levenshtein distance: how many letters must be added, removed or replaced. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries())
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Parses an option's value as a whole number within limits. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

const units = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/** The milliseconds of a length of time such as `30s`, `5m`, `1h` or `2d`; null if it is none. */
export function durationMs(text: string): number | null {
  const [, number = "", unit = ""] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
  const ms = Number(number) * (units.get(unit) ?? 0);
  return ms > 0 ? ms : null;
}

/** Parses an option's value as a length of time, in milliseconds. */
export const duration =
  (maxMs: number) =>
  (text: string): number => {
    const ms = durationMs(text);
    if (ms !== null && ms <= maxMs) return ms;
    throw new InvalidArgumentError(
      `Expected a length of time such as 30s, 5m or 1h, at most ${Math.floor(maxMs / 3_600_000)}h.`,
    );
  };

/** Parses an option's value as a point in time, absolute or relative to now (`1h`); returns it as the API expects it. */
export function instant(text: string): string {
  if (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return text;
  const agoMs = durationMs(text);
  if (agoMs !== null) return new Date(Date.now() - agoMs).toISOString();
  throw new InvalidArgumentError(
    "Expected a time such as 2026-01-31T12:00:00Z, or how long ago, such as 30m, 1h or 7d.",
  );
}

/** A reason is stored with what an operator did; the receiver rejects shorter ones. */
export function reason(text: string): string {
  if (text.trim().length >= 3) return text;
  throw new InvalidArgumentError("Expected at least three characters.");
}

export function address(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("Expected an address such as https://hooks.example.com.");
}
