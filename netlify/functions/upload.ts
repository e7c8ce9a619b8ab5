import type { Config } from "@netlify/functions";
import { type InvocationContext, receiver } from "../../src/lib/entry/hook.ts";
import { safely } from "../../src/lib/entry/safely.ts";

export default safely((request: Request, context: InvocationContext) =>
  receiver(request, context, ["upload", "error"]),
);

export const config: Config = { path: "/webhooks/upload" };
