/** How often a start without news says that it is still going on. */
const quietMs = 10_000;
/** After this, a start takes longer than it usually does. */
const usualMs = 30_000;

/** Reports the steps of a start as lines, so that it is seen without a terminal as well. */
export function startProgress(say: (text: string) => void) {
  const startedAt = performance.now();
  const seconds = () => `${Math.round((performance.now() - startedAt) / 1_000)} s`;
  let isOver = false;
  say("Starting the local stack (usually 10 to 30 s) ...");
  const isLate = () => performance.now() - startedAt > usualMs;
  const arm = () =>
    setInterval(
      () =>
        say(`  still starting, ${seconds()}${isLate() ? " (longer than usual: is the machine busy?)" : ""}`),
      quietMs,
    ).unref();
  let timer = arm();
  return {
    step(what: string): void {
      if (isOver) return;
      clearInterval(timer);
      timer = arm();
      say(`  ${what}, ${seconds()}`);
    },
    /** Also after a failed start. Can be called twice. */
    end(): void {
      isOver = true;
      clearInterval(timer);
    },
  };
}
