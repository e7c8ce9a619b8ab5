import type { Config } from "@netlify/functions";
import { safely } from "../../src/lib/entry/safely.ts";
import { runSweep } from "../../src/lib/entry/worker.ts";

export default safely(runSweep);

export const config: Config = { schedule: "*/5 * * * *" };
