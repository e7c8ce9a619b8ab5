import { Argument, Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { examples } from "../command.ts";
import { completionScript, shells } from "../completion.ts";

const setUp = `
The script completes the command \`webhooks\`. Define it in your shell first:
  bash, zsh  webhooks() { npx webhooks "$@"; }
  fish       function webhooks; npx webhooks $argv; end
`;

export const completion = new Command("completion")
  .summary("print a completion script for your shell")
  .description("Prints a script that completes commands, options and values in bash, zsh or fish.")
  .addArgument(new Argument("<shell>", "shell to print the script for").choices(shells))
  .addHelpText(
    "after",
    setUp +
      examples([
        "completion bash >> ~/.bashrc",
        "completion zsh >> ~/.zshrc",
        "completion fish > ~/.config/fish/completions/webhooks.fish",
      ]),
  )
  .action((shell, _options, command: CommandUnknownOpts) => {
    process.stdout.write(completionScript(shell, command.parent ?? command));
  });
