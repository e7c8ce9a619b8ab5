/**
 * Compiles `templates/*.mjml` into HTML for mail programs. `npm run generate` writes the file;
 * test/handlers/email/templates.test.ts fails when it is not what this makes. At run time nothing of MJML is needed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import mjml from "mjml";

const directory = new URL("./", import.meta.url);
const target = new URL("./templates.generated.ts", import.meta.url);
const names = ["message", "digest"] as const;

export async function compileTemplates(): Promise<string> {
  const constants = await Promise.all(
    names.map(async (name) => `export const ${name}Html =\n  ${JSON.stringify(await compile(name))};\n`),
  );
  return `// Generated from templates/*.mjml by templates.build.ts: do not edit.\n${constants.join("")}`;
}

async function compile(name: string): Promise<string> {
  const file = new URL(`${name}.mjml`, directory);
  const { html, errors } = await mjml(await readFile(file, "utf8"), {
    filePath: fileURLToPath(file),
    validationLevel: "strict",
    ignoreIncludes: false,
    fonts: {}, // Else a mail would load its fonts from elsewhere.
  });
  if (errors.length > 0)
    throw new Error(`${name}.mjml: ${errors.map(({ formattedMessage }) => formattedMessage).join("; ")}`);
  // Mail programs cut what is over 102 KB; the compiler's indentation is a third of it.
  return html.replace(/\n\s*/g, "\n").trim();
}

if (import.meta.main) await writeFile(target, await compileTemplates());
