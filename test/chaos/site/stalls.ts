// Loaded into a function's process (--import): says when the process did not run for a second, because the machine gave it no time or
// because the run froze it. A request then seems unanswered for as long.

const everyMs = 250;
const stallMs = 1_000;

let at = performance.now();
setInterval(() => {
  const lateMs = Math.round(performance.now() - at - everyMs);
  at = performance.now();
  if (lateMs >= stallMs) console.log(JSON.stringify({ level: "info", message: "stalled", ms: lateMs }));
}, everyMs).unref();
