import type { Fetch } from "../../src/local/server.ts";

export interface Breakable {
  fetch: Fetch;
  /** Breaks the connections of all requests that have no answer yet. */
  breakConnections(): void;
}

/**
 * A fake service whose connections a test can break: a caller that waits for an answer that never comes then ends at once, instead of at
 * its own deadline, which a busy machine may reach too soon.
 */
export function breakable(fetch: Fetch): Breakable {
  let line = new AbortController();
  return {
    fetch(request) {
      const copy = request.clone();
      return fetch(new Request(copy, { signal: AbortSignal.any([copy.signal, line.signal]) }));
    },
    breakConnections() {
      line.abort();
      line = new AbortController();
    },
  };
}
