/** `cloudinary-webhooks/express` */

import {
  type NodeRequest,
  refusal,
  usableSecrets,
  type Verified,
  type VerifyOptions,
  verifyNodeRequest,
} from "./verify.ts";

declare global {
  namespace Express {
    interface Request {
      /** Set by `verifyNotifications` of `cloudinary-webhooks/express`. */
      cloudinary?: Verified;
    }
  }
}

/** What the middleware uses of a response. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown };
}

/**
 * Middleware for Express: rejects requests that Cloudinary has not signed. Handlers get the result as `request.cloudinary`, and the
 * received bytes as `request.body` too. Must run before anything that reads the body, except for `express.raw()`; otherwise the request
 * fails with an error that says so. Throws a TypeError if `secrets` has none.
 */
export function verifyNotifications(options: VerifyOptions) {
  usableSecrets(options);
  return async (
    request: NodeRequest,
    response: NodeResponse,
    next: (error?: unknown) => void,
  ): Promise<void> => {
    try {
      const result = await verifyNodeRequest(request, options);
      if (!result.ok) {
        const answer = refusal(result);
        const headers = Object.fromEntries(answer.headers);
        // What is left of the body would be taken for the next request.
        if (result.reason.startsWith("body-")) headers.connection = "close";
        response.writeHead(answer.status, headers).end(await answer.text());
        return;
      }
      Object.assign(request, { cloudinary: result, body: Buffer.from(result.body) });
    } catch (error) {
      next(error);
      return;
    }
    next();
  };
}
