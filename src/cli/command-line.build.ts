/**
 * Writes the reference in docs/command-line.md from the commands' own help.
 * `npm run generate` runs it; test/cli/main.test.ts fails when the page and the help differ.
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { createProgram } from "./program.ts";

const target = fileURLToPath(new URL("../../docs/command-line.md", import.meta.url));
const mark = "<!-- Generated from here on by src/cli/command-line.build.ts: `npm run generate`. -->\n";

function helpOf(command: CommandUnknownOpts): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

const program = createProgram();
const sections = [program, ...program.commands].map((command) => {
  const title = command === program ? "webhooks" : `webhooks ${command.name()}`;
  return `### ${title}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`;
});
const page = await readFile(target, "utf8");
const end = page.indexOf(mark);
if (end < 0) throw new Error(`${target} has no line "${mark.trim()}"`);
await writeFile(target, `${page.slice(0, end)}${mark}\n${sections.join("\n")}`);
