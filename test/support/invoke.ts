import type { InvocationContext } from "../../src/lib/entry/hook.ts";

export type NetlifyFunctionHandler = (
  request: Request,
  context: InvocationContext & { ip?: string },
) => Promise<Response>;

export interface InvokeOptions {
  /** '' under `netlify dev`, else production, deploy-preview, branch-deploy. */
  deployContext?: string;
  /** The visitor's address. */
  ip?: string;
}

/** Calls a function as Netlify does: the answer, and then (awaited here too) what it left to `waitUntil`. */
export async function invoke(
  handler: NetlifyFunctionHandler,
  request: Request,
  { deployContext = "production", ip = "203.0.113.1" }: InvokeOptions = {},
): Promise<Response> {
  const later: Promise<unknown>[] = [];
  const response = await handler(request, {
    deploy: { context: deployContext },
    ip,
    waitUntil(work) {
      later.push(work);
    },
  });
  await Promise.all(later);
  return response;
}
