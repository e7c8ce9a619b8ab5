import type { Config } from "@netlify/functions";
import { type InvocationContext, receiver } from "../../src/lib/entry/hook.ts";

export default (request: Request, context: InvocationContext) =>
  receiver(request, context, ["delete", "delete_by_token"]);

export const config: Config = { path: "/webhooks/delete" };
