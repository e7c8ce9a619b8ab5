import { z } from "zod";
import { type Config, isPreview, readConfig } from "../../config.ts";
import { failure } from "../../lib/receive/respond.ts";
import { log } from "../../lib/shared/log.ts";
import { settings } from "../../settings.ts";
import { type AccessRefusal, accessHints, accessStatus, operatorOf } from "./auth.ts";
import { comesFrom } from "./same-origin.ts";
import { sessionCookie } from "./session-cookie.ts";

/** The part of Netlify's context that is used. */
export interface SignInContext {
  deploy: { context: string };
}

const bodySchema = z.object({ token: z.string().max(1_000) });

/** Exchanges an operator's token for a session cookie. A function of its own, because its rate limit is its own. */
export async function signIn(request: Request, context: SignInContext): Promise<Response> {
  if (isPreview(context.deploy.context) && settings.previewDatabaseVariable === null)
    return failure(503, "preview");
  const reading = readConfig(settings, context.deploy.context);
  if (!reading.ok) {
    log("error", "not configured, the console is closed", { problems: reading.problems.join("; ") });
    return failure(503, "not-configured");
  }
  if (request.method !== "POST") return failure(405, "method-not-allowed", { allow: "POST" });
  return await exchange(request, reading.config);
}

async function exchange(request: Request, { operators, local }: Config): Promise<Response> {
  if (operators.length === 0) return refuse("closed");
  if (comesFrom(request) === "elsewhere") return refuse("cross-site");
  const body = bodySchema.safeParse(await request.json().catch(() => null));
  if (!body.success) return failure(400, "token-missing");
  const operator = operatorOf(body.data.token.trim(), operators);
  if (!operator) {
    log("warn", "sign-in refused", {});
    return refuse("token-wrong");
  }
  log("info", "operator signed in", { operator: operator.name });
  return Response.json(
    { operator: operator.name },
    {
      headers: {
        "cache-control": "no-store",
        "set-cookie": sessionCookie(operator, { local, now: Date.now() }),
      },
    },
  );
}

export function refuse(reason: AccessRefusal): Response {
  const status = accessStatus[reason];
  const challenge: Record<string, string> = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return Response.json(
    { error: { reason, hint: accessHints[reason] } },
    { status, headers: { "cache-control": "no-store", ...challenge } },
  );
}
