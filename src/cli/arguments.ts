import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "./user-error.ts";

/** What every command takes. */
const common = {
  url: { type: "string" },
  json: { type: "boolean", default: false },
} as const;

/** The arguments of a command; throws `UserError` with its usage when they are not understood. */
export function parseOptions<const O extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: O,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { ...options, ...common } });
  } catch (cause) {
    throw misunderstood(cause instanceof Error ? cause.message : String(cause), usage);
  }
}

/** The one argument that a command is about, such as an id. */
export function onlyOne(positionals: readonly string[], what: string, usage: string): string {
  const [one = "", ...more] = positionals;
  if (one === "") throw misunderstood(`Name ${what}`, usage);
  if (more.length > 0) throw misunderstood(`One at a time; "${more.join(" ")}" is too much`, usage);
  return one;
}

export function misunderstood(what: string, usage: string): UserError {
  return new UserError(`${what}.\n\n${usage}`, 2);
}
