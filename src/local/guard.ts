import { timingSafeEqual } from "node:crypto";
import { isLoopback } from "../lib/shared/loopback.ts";
import type { Fetch } from "./server.ts";

export interface GuardOptions {
  /** Allowed origins of other pages, such as `http://localhost:5173`. */
  origins?: readonly string[];
  /** The value of the header `x-local-widget` that allows a page without an origin (a sandboxed frame). */
  widgetToken?: string;
}

/**
 * Rejects requests from pages of other sites. Browsers send these to loopback like any other request, but `Host`, `Origin` and
 * `Sec-Fetch-Site` identify them, and a page cannot forge these headers.
 */
export function guarded(fetch: Fetch, options: GuardOptions = {}): Fetch {
  return async (request) => refusal(request, options) ?? (await fetch(request));
}

function refusal(request: Request, options: GuardOptions): Response | null {
  const { headers } = request;
  const url = new URL(request.url);
  const host = headers.get("host") ?? url.host;
  // DNS rebinding: the name belongs to another site, but resolves to 127.0.0.1.
  if (!URL.canParse(`http://${host}`) || !isLoopback(new URL(`http://${host}`))) {
    return refused(421, `This service is available as 127.0.0.1 or localhost, not as ${host}.`);
  }
  const origin = headers.get("origin");
  if (origin !== null && !isAllowed(request, { ...options, origin, own: `http://${host}` })) {
    return refused(
      403,
      `Pages of ${origin} cannot call this service. If the page is yours, add its origin to LOCAL_ORIGINS.`,
    );
  }
  // Pictures can be embedded anywhere. These paths contain mails, records and controls: they can be linked, but not embedded.
  const isForPeople = /^\/(_control|mailbox|chat|queues|(clouds\/[\w-]+\/)?(library|widget$))/.test(
    url.pathname,
  );
  const isLink = headers.get("sec-fetch-dest") === "document";
  if (isForPeople && headers.get("sec-fetch-site") === "cross-site" && !isLink) {
    return refused(403, "Pages of other sites cannot read this.");
  }
  return null;
}

interface Caller extends GuardOptions {
  origin: string;
  /** The origin of this service. */
  own: string;
}

function isAllowed(request: Request, { origin, own, origins = [], widgetToken }: Caller): boolean {
  if (origin === own || origins.includes(origin)) return true;
  if (origin !== "null") return false;
  // A picture or script in a sandboxed frame, as in the console's mail preview: it is displayed, but not readable.
  if (request.method === "GET" && request.headers.get("sec-fetch-mode") === "no-cors") return true;
  if (widgetToken === undefined) return false;
  // A preflight request has no headers of the actual request, and has no effect.
  return request.method === "OPTIONS" || isEqual(request.headers.get("x-local-widget") ?? "", widgetToken);
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refused = (status: number, text: string): Response => new Response(`${text}\n`, { status });
