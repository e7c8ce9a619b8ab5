/**
 * Classes of SQLSTATE that name the value itself as the fault: data exceptions, broken constraints, and limits of the
 * program such as the size of an index entry. The same value is refused on every try.
 */
const refused = /^(?:22|23|54)[0-9A-Z]{3}$/;

/** Whether the database refuses a value, unlike a database that is away, full or busy. */
export function isRefusedValue(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && typeof error.code === "string" && refused.test(error.code)
  );
}
