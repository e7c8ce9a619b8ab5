/**
 * Milliseconds since the start, by the clock that advanced more: the monotonic clock is never set back, and the wall clock continues
 * while a machine is frozen.
 */
export function stopwatch(): () => number {
  const [monotonic, wall] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
