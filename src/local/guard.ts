import { timingSafeEqual } from "node:crypto";
import { isLoopback } from "../lib/shared/loopback.ts";
import type { Fetch } from "./server.ts";

export interface GuardOptions {
  /** Origins of other pages that may call, such as `http://localhost:5173`. */
  origins?: readonly string[];
  /** Lets a page without an origin in (a sandboxed frame), in the header `x-local-widget`. */
  widgetToken?: string;
}

/**
 * Keeps pages of other sites out of the services on this machine. A browser sends such pages' requests to loopback like any
 * other program's; `Host`, `Origin` and `Sec-Fetch-Site` tell them apart, and a page cannot forge these.
 */
export function guarded(fetch: Fetch, options: GuardOptions = {}): Fetch {
  return async (request) => refusal(request, options) ?? (await fetch(request));
}

function refusal(request: Request, options: GuardOptions): Response | null {
  const { headers } = request;
  const url = new URL(request.url);
  const host = headers.get("host") ?? url.host;
  // DNS rebinding: the name belongs to another site, and its address is 127.0.0.1.
  if (!URL.canParse(`http://${host}`) || !isLoopback(new URL(`http://${host}`))) {
    return refused(421, `This service is reached as 127.0.0.1 or localhost, not as ${host}.`);
  }
  const origin = headers.get("origin");
  if (origin !== null && !isAllowed(request, { ...options, origin, own: `http://${host}` })) {
    return refused(
      403,
      `A page of ${origin} may not call this service. If it is yours, add its origin to LOCAL_ORIGINS.`,
    );
  }
  // Pictures may be embedded anywhere. These paths hold mails, records and controls: links to them work, embedding does not.
  const isForPeople = /^\/(_control|library|mailbox|widget$)/.test(url.pathname);
  const isLink = headers.get("sec-fetch-dest") === "document";
  if (isForPeople && headers.get("sec-fetch-site") === "cross-site" && !isLink) {
    return refused(403, "A page of another site may not read this.");
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
  // A picture or script in a sandboxed frame, as in the console's preview of a mail: shown there, but not readable.
  if (request.method === "GET" && request.headers.get("sec-fetch-mode") === "no-cors") return true;
  if (widgetToken === undefined) return false;
  // A preflight carries no header of the request that it asks for, and does nothing.
  return request.method === "OPTIONS" || isEqual(request.headers.get("x-local-widget") ?? "", widgetToken);
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

const refused = (status: number, text: string): Response => new Response(`${text}\n`, { status });
