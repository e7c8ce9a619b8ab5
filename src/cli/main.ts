import { CliProblem } from "./problem.ts";
import { simulate, simulateUsage } from "./simulate.ts";

type Command = (args: readonly string[], folder: string) => Promise<number>;

const commands: Readonly<Record<string, { run: Command; usage: string }>> = {
  simulate: { run: simulate, usage: simulateUsage },
};

async function main([name = "", ...args]: readonly string[]): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command) return await command.run(args, process.cwd());
  const usages = Object.values(commands).map(({ usage }) => usage);
  throw new CliProblem(`There is no command "${name}".\n\n${usages.join("\n\n")}`, 2);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof CliProblem ? error.message : error);
    process.exitCode = error instanceof CliProblem ? error.exitCode : 1;
  },
);
