import type { InvocationContext } from "../../src/lib/entry/hook.ts";

export type NetlifyFunctionHandler = (request: Request, context: InvocationContext) => Promise<Response>;

export interface InvokeOptions {
  /** '' under `netlify dev`, else production, deploy-preview, branch-deploy. */
  deployContext?: string;
}

/** Calls a function as Netlify does: the answer, and then (awaited here too) what it left to `waitUntil`. */
export async function invoke(
  handler: NetlifyFunctionHandler,
  request: Request,
  { deployContext = "production" }: InvokeOptions = {},
): Promise<Response> {
  const later: Promise<unknown>[] = [];
  const response = await handler(request, {
    deploy: { context: deployContext },
    waitUntil(work) {
      later.push(work);
    },
  });
  await Promise.all(later);
  return response;
}
