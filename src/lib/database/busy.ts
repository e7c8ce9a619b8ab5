/** Too many connections (limit of the server, the role or the database), and a server that is starting or stopping. */
const busyCodes: ReadonlySet<string> = new Set(["53300", "57P03"]);

/** The messages of poolers, which have various codes: PgBouncer, Supavisor, Neon. */
const poolerIsBusy =
  /no more connections allowed|query_wait_timeout|server_login_retry|max client connections reached|max clients reached|MaxClientsInSessionMode|too many connections|remaining connection slots/i;

/**
 * Whether the database rejected the connection because none is available. The statement did not run, so it can be sent again:
 * only a rejected connection is FATAL, an error within a statement is not.
 */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error) || !("severity" in error) || error.severity !== "FATAL") return false;
  const code = "code" in error ? String(error.code) : "";
  return busyCodes.has(code) || poolerIsBusy.test(error.message);
}
