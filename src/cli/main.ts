import { own } from "../lib/shared/own.ts";
import { forget, forgetUsage } from "./commands/forget.ts";
import { list, listUsage } from "./commands/list.ts";
import { replay, replayUsage } from "./commands/replay.ts";
import { send, sendUsage } from "./commands/send.ts";
import { show, showUsage } from "./commands/show.ts";
import { simulate, simulateUsage } from "./commands/simulate.ts";
import { reportError, UserError } from "./user-error.ts";

type Command = (args: readonly string[], folder: string) => Promise<number>;

const commands: Readonly<Record<string, { run: Command; usage: string }>> = {
  simulate: { run: simulate, usage: simulateUsage },
  send: { run: send, usage: sendUsage },
  list: { run: list, usage: listUsage },
  show: { run: show, usage: showUsage },
  replay: { run: replay, usage: replayUsage },
  forget: { run: forget, usage: forgetUsage },
};

const asksForHelp = (arg: string): boolean => arg === "--help" || arg === "-h";

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const command = own(commands, name);
  if (command && !args.some(asksForHelp)) return await command.run(args, process.cwd());
  if (command || asksForHelp(name)) {
    console.log(command?.usage ?? everyUsage());
    return 0;
  }
  const problem = name === "" ? "Name a command." : `There is no command "${name}".`;
  throw new UserError(`${problem}\n\n${everyUsage()}`, 2);
}

function everyUsage(): string {
  return Object.values(commands)
    .map(({ usage }) => usage)
    .join("\n\n");
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.exitCode = reportError(error);
  },
);
