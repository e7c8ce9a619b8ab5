import type { Config } from "@netlify/functions";
import { type SignInContext, signIn } from "../../src/console/server/sign-in.ts";

export default (request: Request, context: SignInContext) => signIn(request, context);

export const config: Config = {
  path: "/api/sign-in",
  rateLimit: { windowSize: 60, windowLimit: 10, aggregateBy: ["ip", "domain"] },
};
