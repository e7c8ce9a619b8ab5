import type { Config } from "@netlify/functions";
import { runSweep } from "../../src/lib/entry/worker.ts";

export default runSweep;

export const config: Config = { schedule: "*/5 * * * *" };
