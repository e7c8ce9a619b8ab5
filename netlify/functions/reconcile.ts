import type { Config } from "@netlify/functions";
import { runReconcile } from "../../src/lib/entry/worker.ts";

export default runReconcile;

export const config: Config = { schedule: "0 */6 * * *" };
