// Loaded into a function's process before anything else (--import): a clock that is wrong, and may be set while it runs.

const [offsetMs = 0, jumpAfterMs = 0, jumpMs = 0] = (process.env.CHAOS_CLOCK ?? "").split(",").map(Number);
const RealDate = Date;
const startedAt = performance.now();

const wrong = () => offsetMs + (jumpAfterMs > 0 && performance.now() - startedAt > jumpAfterMs ? jumpMs : 0);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now() + wrong()] : args, newTarget),
  apply: () => new RealDate(RealDate.now() + wrong()).toString(),
  get: (target, name, receiver) =>
    name === "now" ? () => RealDate.now() + wrong() : Reflect.get(target, name, receiver),
});

// The process must not outlive the run that started it.
process.on("disconnect", () => process.exit());
