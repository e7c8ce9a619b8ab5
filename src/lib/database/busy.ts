/** Too many connections (a server's, a role's or a database's limit), and a server that is still starting or already stopping. */
const busyCodes: ReadonlySet<string> = new Set(["53300", "57P03"]);

/** The poolers' words, which come with various codes: PgBouncer, Supavisor, Neon. */
const poolerIsBusy =
  /no more connections allowed|query_wait_timeout|server_login_retry|max client connections reached|max clients reached|MaxClientsInSessionMode|too many connections|remaining connection slots/i;

/**
 * Whether the database refused the connection since it has none to spare now. The statement did not run, so sending it again later is
 * safe: only a refused connection is FATAL, an error within a statement is not.
 */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("severity" in error) || error.severity !== "FATAL") return false;
  const code = "code" in error ? String(error.code) : "";
  return busyCodes.has(code) || poolerIsBusy.test(error.message);
}
