import fc from "fast-check";

// The same values in each run, so that no change is blamed for what it did not break. `npm run fuzz` draws others.
fc.configureGlobal({ seed: Number(process.env.FUZZ_SEED ?? 1) });

export { fc };
