import type { Config } from "@netlify/functions";
import { type InvocationContext, receiver } from "../../src/lib/entry/hook.ts";

/** For the global trigger: every type. */
export default (request: Request, context: InvocationContext) => receiver(request, context, []);

export const config: Config = { path: "/webhooks" };
