/**
 * Milliseconds since it was started, by whichever clock moved further: the monotonic one is never set back, and the wall clock goes on
 * while a machine is frozen.
 */
export function stopwatch(): () => number {
  const [monotonic, wall] = [performance.now(), Date.now()];
  return () => Math.max(performance.now() - monotonic, Date.now() - wall);
}
