/**
 * Rejects with `error()` when `work` has not settled within `ms` milliseconds. The work itself goes on: whatever it holds must end by
 * other means (a signal, a timeout of its own).
 */
export async function withDeadline<T>(ms: number, work: Promise<T>, error: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  // Not Promise.withResolvers: a site that is pinned to Node 20 has none.
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(error()), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Rejects with the signal's reason once it aborts; never resolves. For `Promise.race` against work that takes no signal. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
