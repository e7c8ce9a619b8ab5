import { join } from "node:path";
import { parseEnv } from "node:util";
import { readIfThere } from "./read-if-there.ts";

export type Environment = Readonly<Record<string, string>>;

/** In `netlify dev`'s order: the first that names a variable wins. */
const files = [".env.development.local", ".env.local", ".env.development", ".env"];

/** The variables that the receiver in `folder` sees: the shell's own win over those in `.env` files; empty ones count as unset. */
export function readEnvironment(folder: string, shell: NodeJS.ProcessEnv = process.env): Environment {
  const layers = [shell, ...files.map((name) => parseEnv(readIfThere(join(folder, name))))];
  const merged: Record<string, string> = Object.create(null);
  for (const [name, value] of layers.flatMap((layer) => Object.entries(layer))) {
    if (value !== undefined && value.trim() !== "") merged[name] ??= value;
  }
  return merged;
}
