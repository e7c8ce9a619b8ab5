import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const config = "src/console/vite.config.ts";

/** Builds the console's page into `dist/`. Returns why the build failed; null if it exists or there is none to build. */
export async function buildPage(folder: string, signal: AbortSignal): Promise<string | null> {
  if (!existsSync(join(folder, config))) return null;
  const vite = join(folder, "node_modules/vite/bin/vite.js");
  try {
    await promisify(execFile)(process.execPath, [vite, "build", "--config", config, "--logLevel", "error"], {
      cwd: folder,
      signal,
    });
    return null;
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    return said.trim().split("\n").slice(0, 8).join("\n");
  }
}
