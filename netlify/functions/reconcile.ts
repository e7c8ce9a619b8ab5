import type { Config } from "@netlify/functions";
import { safely } from "../../src/lib/entry/safely.ts";
import { runReconcile } from "../../src/lib/entry/worker.ts";

export default safely(runReconcile);

export const config: Config = { schedule: "0 */6 * * *" };
