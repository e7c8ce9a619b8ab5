import { Argument, Command } from "@commander-js/extra-typings";
import { examples, jsonOption, oneOf } from "../command.ts";
import { newHandler } from "../new-handler.ts";
import { printJson } from "../output.ts";

const kinds = ["handler"] as const;

export const create = new Command("new")
  .summary("write a handler of your own, with its test and its page")
  .description(
    "Writes src/handlers/<name>/handler.ts, a test that puts it through the contract of handlers, and a page for its " +
      "documentation, and adds it to src/handlers/list.ts. Nothing existing is overwritten. docs/handlers.md describes " +
      "the contract.",
  )
  .addArgument(new Argument("<kind>", "what to write").choices(kinds).argParser(oneOf(kinds)))
  .argument("<name>", "lower case letters, digits and hyphens, such as press-office")
  .addOption(jsonOption)
  .addHelpText("after", examples(["new handler press-office"]))
  .action(async (_kind, name, { json = false }) => {
    const { written, changed } = await newHandler(process.cwd(), name);
    if (json) printJson({ name, written, changed });
    else console.log(report(name, written, changed));
  });

function report(name: string, written: readonly string[], changed: readonly string[]): string {
  return `Written:
${written.map((path) => `  ${path}`).join("\n")}
Changed:
${changed.map((path) => `  ${path}`).join("\n")}

Next:
  1. Write what it does into src/handlers/${name}/handler.ts (docs/handlers.md).
  2. Name it in a route in src/settings.ts, such as upload: [..., "${name}"].
  3. npm test -- test/handlers/${name}.test.ts
  4. npm start, and in a second shell: npm run simulate -- upload`;
}
