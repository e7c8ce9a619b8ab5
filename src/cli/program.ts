import { styleText } from "node:util";
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import manifest from "../../package.json" with { type: "json" };
import { backfill } from "./commands/backfill.ts";
import { completion } from "./commands/completion.ts";
import { doctor } from "./commands/doctor.ts";
import { drift } from "./commands/drift.ts";
import { faces } from "./commands/faces.ts";
import { fault } from "./commands/fault.ts";
import { forget } from "./commands/forget.ts";
import { list } from "./commands/list.ts";
import { listen } from "./commands/listen.ts";
import { migrate } from "./commands/migrate.ts";
import { create } from "./commands/new.ts";
import { replay } from "./commands/replay.ts";
import { send } from "./commands/send.ts";
import { setup } from "./commands/setup.ts";
import { show } from "./commands/show.ts";
import { simulate } from "./commands/simulate.ts";
import { sku } from "./commands/sku.ts";
import { smoke } from "./commands/smoke.ts";
import { errorLine } from "./user-error.ts";

const exitCodes = `
Exit codes:
  0  success
  1  a delivery failed or is not finished, the receiver rejected the request, it
     could not be reached, or a check of \`doctor\` failed
  2  the command line is wrong: an unknown command or option, or an invalid value

Run \`webhooks <command> --help\` for the options and examples of a command.`;

export const commands: readonly CommandUnknownOpts[] = [
  simulate,
  send,
  list,
  show,
  replay,
  forget,
  faces,
  backfill,
  migrate,
  setup,
  listen,
  fault,
  doctor,
  drift,
  smoke,
  sku,
  create,
  completion,
];

/** The whole command line. Errors and help end it by a `CommanderError`. */
export function createProgram(): CommandUnknownOpts {
  const program: CommandUnknownOpts = new Command("webhooks")
    .description(
      "Sends, inspects, replays and erases notifications, on the local receiver or a deployed one.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", exitCodes);
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) configure(command, program);
  return program;
}

function configure(command: CommandUnknownOpts, program: CommandUnknownOpts): void {
  const name = command === program ? "webhooks" : `webhooks ${command.name()}`;
  command
    .exitOverride()
    .helpOption("-h, --help", "print this help")
    .configureHelp({
      showGlobalOptions: false,
      // Commander removes the colours where the output is no terminal.
      styleTitle: (text) => styleText("bold", text, { validateStream: false }),
    })
    .configureOutput({
      outputError: (text, write) => {
        const message = text.trimEnd().replace(/^error: (command-argument )?/, "");
        const hint = message.includes("(Did you mean") ? "" : `\n(See \`${name} --help\`.)`;
        write(`${errorLine(`${message}${hint}`)}\n`);
      },
    });
}
