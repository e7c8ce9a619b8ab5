import { z } from "zod";
import type { Config } from "../../config.types.ts";
import { type DeployContext, enter } from "../../lib/entry/enter.ts";
import { readBody } from "../../lib/receive/read-body.ts";
import { failure, respond } from "../../lib/receive/respond.ts";
import { log } from "../../lib/shared/log.ts";
import { settings } from "../../settings.ts";
import { type AccessRefusal, accessHints, accessStatus, operatorOf } from "./auth.ts";
import { comesFrom } from "./same-origin.ts";
import { sessionCookie } from "./session-cookie.ts";

const bodySchema = z.object({ token: z.string().max(1_000) });
/** Anybody can send a body here, so it is limited in size and time. */
const limits = { maxBodyBytes: 16 * 1_024, bodyTimeoutMs: settings.receive.bodyTimeoutMs };

/** Exchanges an operator's token for a session cookie. A separate function, because it has its own rate limit. */
export async function signIn(request: Request, context: DeployContext): Promise<Response> {
  const entry = enter(request, context);
  if (!entry.ok) return failure(503, entry.reason);
  if (request.method !== "POST") return failure(405, "method-not-allowed", { allow: "POST" });
  return await exchange(request, entry.config);
}

async function exchange(request: Request, config: Config): Promise<Response> {
  const { operators, local } = config;
  if (operators.length === 0) return refuse("closed", { config });
  if (comesFrom(request) === "elsewhere") return refuse("cross-site");
  const reading = await readBody(request, limits);
  if (!reading.ok) return respond({ kind: "refused", reason: reading.reason });
  const body = bodySchema.safeParse(parsed(reading.body));
  if (!body.success) return failure(400, "token-missing");
  const operator = operatorOf(body.data.token.trim(), operators);
  if (!operator) {
    log("warn", "sign-in rejected", {});
    return refuse("token-wrong");
  }
  log("info", "operator signed in", { operator: operator.name });
  return Response.json(
    { operator: operator.name, role: operator.role },
    {
      headers: {
        "cache-control": "no-store",
        "set-cookie": sessionCookie(operator, { local, now: Date.now() }),
      },
    },
  );
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return null;
  }
}

/** `config`: the hint includes the problems with OPERATOR_TOKEN, if there are any. */
export function refuse(
  reason: AccessRefusal,
  { config, retryAfter }: { config?: Config; retryAfter?: number | undefined } = {},
): Response {
  const status = accessStatus[reason];
  const hint = [accessHints[reason], ...((reason === "closed" && config?.operatorProblems) || [])].join(" ");
  return Response.json(
    { error: { reason, hint } },
    {
      status,
      headers: {
        "cache-control": "no-store",
        ...(status === 401 && { "www-authenticate": "Bearer" }),
        ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
      },
    },
  );
}
