import { Hono } from "hono";
import * as z from "zod";
import { receive } from "../../../lib/receive/receive.ts";
import { settings } from "../../../settings.ts";
import { stop } from "../api-error.ts";
import { type Joined, valid } from "../context.ts";
import { isLocalStack } from "../local-stack.ts";
import { signedRequest } from "../signed-request.ts";

const edited = z.strictObject({ body: z.string().min(1).max(1_000_000) });

/**
 * Sends a body that a person edited, signed with the local stack's own secret. Refused everywhere else: it signs what it is given
 * (docs/decisions/0013-samples-are-signed-by-the-server.md).
 */
export const sendEdited = new Hono<Joined>().post("/send-edited", valid("json", edited), async (c) => {
  const { config, db, wake } = c.env;
  if (!isLocalStack(config, c.req.url)) return stop(403, "not-a-local-stack");
  const now = Date.now();
  const secret = config.secrets.find(({ expiresAt }) => expiresAt === null || expiresAt > now);
  if (!secret) return stop(409, "not-configured");
  const outcome = await receive(
    signedRequest(c.req.valid("json").body, {
      url: new URL("/webhooks", c.req.url),
      secret: secret.value,
      agent: "Console, edited",
    }),
    { config, settings, db, expects: [], source: "webhook" },
  );
  if (outcome.kind === "refused") return stop(409, outcome.reason);
  if (outcome.kind !== "recorded") return stop(503, "database");
  wake();
  return c.json({ id: outcome.id, type: outcome.type, timesSeen: outcome.timesSeen });
});
