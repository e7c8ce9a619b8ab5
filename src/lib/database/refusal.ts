/**
 * SQLSTATE classes of errors that the value itself causes: data exceptions, constraint violations, and program limits such as the
 * size of an index entry. The same value is rejected on every attempt.
 */
const refused = /^(?:22|23|54)[0-9A-Z]{3}$/;

/** Whether the database rejects a value, as opposed to a database that is unavailable, full or busy. */
export function isRefusedValue(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && refused.test(error.code)
  );
}
