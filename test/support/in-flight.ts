/** What has begun and not ended: a test waits for it before it clears or drops what it writes to. */
export interface InFlight {
  /** Returns the same work, which is in flight until it ends, in whatever way. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Until nothing is in flight. */
  idle(): Promise<void>;
}

export function inFlight(): InFlight {
  const running = new Set<Promise<unknown>>();
  return {
    track(work) {
      const tracked = work.finally(() => running.delete(tracked));
      running.add(tracked);
      return tracked;
    },
    async idle() {
      while (running.size > 0) await Promise.allSettled(running);
    },
  };
}
