import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * For the commands: everything that the run puts into the folder for temporary files is removed, and `end` is called, however this process
 * ends, except by SIGKILL. Even then the functions end, because their channel to it closes.
 */
export function cleanUp(end: () => void): void {
  const folder = mkdtempSync(join(tmpdir(), "cloudinary-webhooks-run-"));
  chmodSync(folder, 0o755); // PostgreSQL and PgBouncer run as another user.
  process.env.TMPDIR = folder;
  process.on("exit", () => {
    end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));
  for (const event of ["uncaughtException", "unhandledRejection"] as const)
    process.on(event, (error) => {
      console.error(error);
      process.exit(2);
    });
}
