import type { Config } from "@netlify/functions";
import { type ApiContext, consoleApi } from "../../src/console/server/app.ts";
import { safely } from "../../src/lib/entry/safely.ts";

export default safely((request: Request, context: ApiContext) => consoleApi(request, context));

export const config: Config = {
  path: "/api/*",
  excludedPath: "/api/sign-in",
  rateLimit: { windowSize: 60, windowLimit: 600, aggregateBy: ["ip", "domain"] },
};
