/**
 * Compiles `templates/*.mjml` into HTML for mail clients. `npm run generate` writes the file, and
 * test/handlers/email/templates.test.ts checks that it is up to date. MJML is not needed at run time.
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
    fonts: {}, // Prevents mails from loading remote fonts.
  });
  if (errors.length > 0)
    throw new Error(`${name}.mjml: ${errors.map(({ formattedMessage }) => formattedMessage).join("; ")}`);
  // Gmail clips messages over 102 KB, and a third of the compiled HTML is indentation.
  return html.replace(/\n\s*/g, "\n").trim();
}

if (import.meta.main) await writeFile(target, await compileTemplates());
