import type { Config } from "@netlify/functions";
import { facesBackground } from "../../src/lib/entry/faces-worker.ts";

export default facesBackground;

// Both the suffix and this, as for deliver-background.
export const config: Config = { background: true };
