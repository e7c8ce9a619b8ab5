import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import * as z from "zod";
import { receive } from "../../../lib/receive/receive.ts";
import { own } from "../../../lib/shared/own.ts";
import { settings } from "../../../settings.ts";
import { sampleKinds, sampleSecretName } from "../../shared/samples.ts";
import { stop } from "../api-error.ts";
import { type Joined, valid } from "../context.ts";
import { sampleBody } from "../samples.ts";
import { signedRequest } from "../signed-request.ts";

/**
 * Sends a sample through the receiver's own verification and recording. The secret is made for this one call and known to nothing else, so
 * that nobody can sign with it, and no handler gets the sample (docs/decisions/0013-samples-are-signed-by-the-server.md).
 */
export const tryIt = new Hono<Joined>().post(
  "/try",
  valid("json", z.strictObject({ kind: z.enum(sampleKinds) })),
  async (c) => {
    const { kind } = c.req.valid("json");
    const { config, db } = c.env;
    const value = randomBytes(32).toString("hex");
    const outcome = await receive(
      signedRequest(sampleBody(kind, new Date()), {
        url: new URL("/webhooks", c.req.url),
        secret: value,
        agent: "Console sample",
      }),
      {
        config: {
          ...config,
          secrets: [{ name: sampleSecretName, value, expiresAt: null, cloud: config.ownCloud }],
        },
        // Without routes, nothing is delivered.
        settings: { ...settings, routes: {} },
        db,
        expects: [],
        source: "webhook",
      },
    );
    if (outcome.kind === "refused") return stop(409, outcome.reason);
    if (outcome.kind !== "recorded") return stop(503, "database");
    return c.json({ id: outcome.id, type: outcome.type, handlers: own(settings.routes, outcome.type) ?? [] });
  },
);
