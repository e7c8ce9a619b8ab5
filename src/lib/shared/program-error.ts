/**
 * Whether code of ours has failed, and not a service that it called: a retry with the same input fails again. `fetch` also reports
 * a lost connection as a TypeError, but with a cause.
 */
export function isProgramError(error: unknown): boolean {
  const isOurs =
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError;
  return isOurs && error.cause === undefined;
}
