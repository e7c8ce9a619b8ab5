import type { Config } from "@netlify/functions";
import { signIn } from "../../src/console/server/sign-in.ts";
import type { DeployContext } from "../../src/lib/entry/enter.ts";
import { safely } from "../../src/lib/entry/safely.ts";

export default safely((request: Request, context: DeployContext) => signIn(request, context));

export const config: Config = {
  path: "/api/sign-in",
  rateLimit: { windowSize: 60, windowLimit: 10, aggregateBy: ["ip", "domain"] },
};
