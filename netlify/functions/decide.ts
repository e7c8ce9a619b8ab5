import type { Config } from "@netlify/functions";
import { decideByLink } from "../../src/approve/decide-by-link.ts";
import type { DeployContext } from "../../src/lib/entry/enter.ts";
import { safely } from "../../src/lib/entry/safely.ts";

export default safely((request: Request, context: DeployContext) => decideByLink(request, context));

export const config: Config = {
  path: "/decide/*",
  rateLimit: { windowSize: 60, windowLimit: 30, aggregateBy: ["ip", "domain"] },
};
