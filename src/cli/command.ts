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

/** Parses an option's value as a whole number within limits. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };

/** Parses an option's value as a point in time; returns it as the API expects it. */
export function instant(text: string): string {
  if (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text) &&
    !Number.isNaN(Date.parse(text))
  )
    return text;
  throw new InvalidArgumentError("Expected a time such as 2026-01-31T12:00:00Z.");
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
