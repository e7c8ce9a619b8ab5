import type { Config } from "@netlify/functions";
import { type InvocationContext, receiver } from "../../src/lib/entry/hook.ts";
import { safely } from "../../src/lib/entry/safely.ts";

/** For upload presets that visitors use: every type. What it brings claims no product until it is approved. */
export default safely((request: Request, context: InvocationContext) =>
  receiver(request, context, [], "public"),
);

export const config: Config = { path: "/webhooks/public" };
