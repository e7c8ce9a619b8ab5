/**
 * Wakes a loop. A race of all that runs would add a callback to each of hundreds of promises, each time one of them ends. Call `next`
 * before looking at what has changed, and await it afterwards, so that no change is missed.
 */
export function changesOf(): { note(): void; next(): Promise<void> } {
  let wake = () => {};
  return {
    note: () => wake(),
    next: () =>
      new Promise((resolve) => {
        wake = resolve;
      }),
  };
}
