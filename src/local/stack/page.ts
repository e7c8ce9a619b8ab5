import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { forgetPage, isPageCurrent, pageSources, recordPage } from "./page-record.ts";

const config = "src/console/vite.config.ts";

export interface PageBuild {
  /** Why it failed. */
  problem: string | null;
  /** The page of an earlier start was left as it is. */
  isReused: boolean;
}

/** Builds the console's page into `dist/`, unless nothing that it is made from has changed since. */
export async function buildPage(folder: string, signal: AbortSignal): Promise<PageBuild> {
  if (!existsSync(join(folder, config))) return { problem: null, isReused: true };
  const sources = pageSources(folder);
  if (isPageCurrent(folder, sources)) return { problem: null, isReused: true };
  forgetPage(folder);
  const vite = join(folder, "node_modules/vite/bin/vite.js");
  try {
    await promisify(execFile)(process.execPath, [vite, "build", "--config", config, "--logLevel", "error"], {
      cwd: folder,
      signal,
    });
    recordPage(folder, sources);
    return { problem: null, isReused: false };
  } catch (error) {
    signal.throwIfAborted();
    const said = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    return { problem: said.trim().split("\n").slice(0, 8).join("\n"), isReused: false };
  }
}
