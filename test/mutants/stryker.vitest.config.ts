import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.config.ts";

// For StrykerJS: only the tests that are related to the mutated file (stryker.ts).
const tests = process.env.STRYKER_TESTS?.split(" ") ?? [];
const { include: _, ...test } = base.test ?? {};

export default mergeConfig(defineConfig({ ...base, test }), defineConfig({ test: { include: tests } }));
