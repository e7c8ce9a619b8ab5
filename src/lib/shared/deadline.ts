/**
 * Rejects with `error()` if `work` has not settled within `ms` milliseconds. The work itself continues, so it must be ended by other
 * means (a signal, its own timeout).
 */
export async function withDeadline<T>(ms: number, work: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // Not Promise.withResolvers, which Node 20 does not have.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(error()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason when it aborts; never resolves. For `Promise.race` with work that does not accept a signal. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
