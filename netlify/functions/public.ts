import type { Config } from "@netlify/functions";
import { type InvocationContext, receiver } from "../../src/lib/entry/hook.ts";

/** For upload presets that visitors use: every type. What it brings claims no product until it is approved. */
export default (request: Request, context: InvocationContext) => receiver(request, context, [], "public");

export const config: Config = { path: "/webhooks/public" };
