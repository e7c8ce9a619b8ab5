import fc from "fast-check";
import { createProgram } from "../../src/cli/program.ts";
import { runWebhooks } from "../support/command-line.ts";
import { testSecret } from "../support/signed-request.ts";
import { anyText } from "./bodies.ts";

/** A command line, and whether the variables of a receiver are set. */
export interface CommandLine {
  args: string[];
  isConfigured: boolean;
  input: string;
}

/** Nothing listens there. */
const nowhere = "http://127.0.0.1:9";

const value = fc.oneof(
  // NUL cannot be part of an argument.
  anyText.map((text) => text.replaceAll("\0", "").toWellFormed().slice(0, 3_000)),
  fc.constantFrom(
    ...[
      "",
      "-",
      "--",
      "0",
      "-1",
      "1",
      "2",
      "200",
      "1e9",
      "NaN",
      "99999999999999999999",
      "0x10",
      "1.5",
      " 3 ",
    ],
    ...["1h", "999999d", "0s", "2024-02-30T00:00:00Z", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00+99:00"],
    ...["__proto__", "constructor", "toString", "a=b", "=", "eager[0].width=200", "eager[999999999].x=1"],
    ...["__proto__.x=1", "[0]=1", "a..b=2", ".", "..", "../up", "/", "no-such-file.json", "VASE-1"],
    ...[nowhere, "https://", "http://[::1", "ftp://example.com", "http://user:pass@127.0.0.1:9/a?b#c"],
    ...["00000000-0000-0000-0000-000000000000", "upload", "eager", "email", "dead", "demo", "%00", "a\nb"],
  ),
);

/** These run until they are ended, or for as long as their value says. */
const endless = new Set(["--follow", "--rate", "--repeat"]);

const commands = createProgram().commands.map((command) => ({
  name: command.name(),
  options: command.options
    .filter(({ long }) => !endless.has(long ?? ""))
    .map(({ long, required, optional, argChoices }) => ({
      long: long ?? "",
      takesValue: required || optional,
      choices: argChoices ?? [],
    })),
  subjects: command.registeredArguments.map(({ argChoices }) => argChoices ?? []),
}));
type Known = (typeof commands)[number];

/** Never drawn. */
const noOption = { long: "", takesValue: false, choices: [] };

const among = (choices: readonly string[]) =>
  choices.length === 0 ? value : fc.oneof(fc.constantFrom(...choices), value);

function piecesOf({ options, subjects }: Known): fc.Arbitrary<string[]> {
  const option = fc
    .constantFrom(...(options.length === 0 ? [noOption] : options))
    .chain(({ long, takesValue, choices }) =>
      takesValue
        ? fc.oneof(
            { weight: 4, arbitrary: among(choices).map((one) => [long, one]) },
            { weight: 2, arbitrary: among(choices).map((one) => [`${long}=${one}`]) },
            { weight: 1, arbitrary: fc.constant<string[]>([long]) },
          )
        : fc.oneof(
            { weight: 5, arbitrary: fc.constant<string[]>([long]) },
            { weight: 1, arbitrary: value.map((one) => [`${long}=${one}`]) },
          ),
    );
  const positional = subjects.length === 0 ? value : fc.oneof(...subjects.map(among));
  return fc.oneof(
    { weight: options.length === 0 ? 0 : 6, arbitrary: option },
    { weight: 4, arbitrary: positional.map((one): string[] => [one]) },
    { weight: 1, arbitrary: value.map((one) => [`--${one}`]) },
    { weight: 1, arbitrary: value.map((one) => [`-${one}`]) },
  );
}

const named = fc.constantFrom(...commands).chain((command) =>
  fc
    .record({
      pieces: fc.array(piecesOf(command), { maxLength: 4, size: "max" }),
      hasUrl: fc.integer({ min: 0, max: 4 }).map((one) => one > 0),
    })
    .map(({ pieces, hasUrl }) => [
      command.name,
      ...(hasUrl && command.options.some(({ long }) => long === "--url") ? ["--url", nowhere] : []),
      ...pieces.flat(),
    ]),
);

export const commandLines: fc.Arbitrary<CommandLine> = fc
  .record({
    args: fc.oneof(
      { weight: 12, arbitrary: named },
      { weight: 1, arbitrary: fc.array(value, { maxLength: 4 }) },
    ),
    isConfigured: fc.boolean(),
    input: fc.oneof(fc.constant(""), fc.constant("{}"), anyText),
  })
  // With an account, it waits for messages until it is ended.
  .map((line) => ({ ...line, isConfigured: line.isConfigured && line.args[0] !== "listen" }));

const variables = {
  CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo?upload_prefix=${encodeURIComponent(nowhere)}`,
  OPERATOR_TOKEN: "3f1e9d7c4b5a60828796a5b4c3d2e1f0",
};

/** What is wrong with how the command ended; null if nothing is. */
export async function problemOf(
  { args, isConfigured, input }: CommandLine,
  folder: string,
): Promise<string | null> {
  const { code, stdout, stderr } = await runWebhooks(folder, args, isConfigured ? variables : {}, input);
  const said = `exit code ${code}\n${stderr}`;
  if (code === null || ![0, 1, 2].includes(code)) return `an exit code that is not documented: ${said}`;
  if (/^\s+at .+[:(]\d+/m.test(stderr + stdout)) return `a stack trace: ${said}${stdout}`;
  if (code !== 0 && !/error: \S|^Usage: webhooks/.test(stderr)) return `no message: ${said}`;
  if (
    /\b(undefined|\[object Object\]|NaN)\b/.test(stderr.replaceAll(/"[^"]*"|'[^']*'/g, "")) &&
    !args.some((one) => /undefined|object|NaN/.test(one))
  )
    return `a message with a value that is none: ${said}`;
  return null;
}
