import type { Config } from "@netlify/functions";
import { facesBackground } from "../../src/lib/entry/faces-worker.ts";
import { safely } from "../../src/lib/entry/safely.ts";

export default safely(facesBackground);

// Both the suffix and this, as for deliver-background.
export const config: Config = { background: true };
