import type { Config } from "@netlify/functions";
import type { DeployContext } from "../../src/lib/entry/enter.ts";
import { safely } from "../../src/lib/entry/safely.ts";
import { sendgridEvents } from "../../src/lib/entry/sendgrid-events.ts";

export default safely((request: Request, context: DeployContext) => sendgridEvents(request, context));

export const config: Config = { path: "/webhooks/sendgrid" };
