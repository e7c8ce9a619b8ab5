/** An early answer that nobody wanted at once is out of date. */
const freshMs = 10_000;
const startedAt = performance.now();
const answers = new Map<string, Promise<Response>>();

/** Asks the API for what the first view is going to need. */
export function askEarly(address: string): void {
  const { href } = new URL(address, window.location.origin);
  const answer = fetch(href);
  // Whoever takes it sees the error.
  answer.catch(() => null);
  answers.set(nameOf(href), answer);
}

/** As `fetch`, but an answer that was asked for early is used, once. Anything but reading makes the others void. */
export const fetchOrEarly: typeof fetch = (input, init) => {
  const method = init?.method ?? "GET";
  if (method !== "GET" || performance.now() - startedAt > freshMs) answers.clear();
  const name = nameOf(`${input}`);
  const early = answers.get(name);
  answers.delete(name);
  return early ?? fetch(input, init);
};

/** The same for an empty query and for none. */
function nameOf(href: string): string {
  const { pathname, search } = new URL(href);
  return pathname + search;
}
