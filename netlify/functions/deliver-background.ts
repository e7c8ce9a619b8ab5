import type { Config } from "@netlify/functions";
import { safely } from "../../src/lib/entry/safely.ts";
import { deliverBackground } from "../../src/lib/entry/worker.ts";

export default safely(deliverBackground);

// Both the suffix and this: deployed with only one of them, the function was ended after 60 s and run again
// (https://github.com/netlify/cli/issues/8354).
export const config: Config = { background: true };
