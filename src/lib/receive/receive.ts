import type { Config } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { prefixOf } from "../shared/asset-prefix.ts";
import { ceiling } from "../shared/ceiling.ts";
import { withDeadline } from "../shared/deadline.ts";
import { errorText, log } from "../shared/log.ts";
import { isProgramError } from "../shared/program-error.ts";
import { redact } from "../shared/redact.ts";
import { routedHandlers } from "../shared/routed-handlers.ts";
import { envelope } from "./envelope.ts";
import type { Outcome } from "./outcome.ts";
import { readBody } from "./read-body.ts";
import { record } from "./record.ts";
import { readClaim, type Verdict, verifyClaim } from "./verify.ts";

export interface ReceiveOptions {
  config: Config;
  settings: Settings;
  db: Db;
  /** The types of this path; other types are still recorded, and flagged. Empty: every type. */
  expects: readonly string[];
  /** `public`: the hook for uploads by visitors. `poll`: fetched from Cloudinary by polling. */
  source: "webhook" | "public" | "poll";
}

/** Handlers whose effect depends on whether a visitor may have caused the notification. */
const trustHandlers = new Set(["pim"]);

/** The request headers that are stored with the notification. */
const storedHeaders = ["user-agent", "content-type", "x-cld-timestamp", "x-nf-request-id"];

/** Verifies and records a request, and returns the outcome. When it returns, a recorded notification is stored. */
export async function receive(request: Request, options: ReceiveOptions): Promise<Outcome> {
  const { config, settings } = options;
  if (request.method !== "POST") return { kind: "refused", reason: "method-not-allowed" };
  const now = Date.now();
  const claim = readClaim(request.headers, { ...settings.receive, now });
  if (!claim.ok) return { kind: "refused", reason: claim.reason };
  const reading = await readBody(request, settings.receive);
  if (!reading.ok) return { kind: "refused", reason: reading.reason };
  const verdict = verifyClaim(reading.body, claim, { secrets: config.secrets, now });
  if (!verdict.ok) return { kind: "refused", reason: verdict.reason };
  try {
    const timeoutMs = recordTimeoutMs(config, settings);
    return await withDeadline(
      timeoutMs,
      recordVerified(request, reading.body, verdict, options),
      () => new Error(`no response from the database within ${timeoutMs} ms`),
    );
  } catch (error) {
    const reason = isProgramError(error) ? "internal" : "database";
    log("error", "notification not recorded; answering 503, and the sender retries", {
      path: new URL(request.url).pathname,
      requestId: requestIdOf(request),
      reason,
      error: errorText(error),
    });
    return { kind: "unavailable", reason };
  }
}

async function recordVerified(
  request: Request,
  body: Uint8Array,
  verdict: Verdict & { ok: true },
  { config, settings, db, expects, source }: ReceiveOptions,
): Promise<Outcome> {
  const timestamp = request.headers.get("x-cld-timestamp") ?? "";
  const assetPrefix = prefixOf(verdict.cloud, config.ownCloud);
  const read = envelope(body, timestamp, ceiling(verdict.signedAt, settings), assetPrefix);
  const handlers = routedHandlers(read.type, settings, config);
  const expected = expects.length === 0 || expects.includes(read.type);
  const headers = storedHeaders.flatMap((name) => headerEntry(request.headers, name));
  // Contains the original length if the body is cut.
  if (read.type === "unreadable") headers.push(["content-length", String(body.byteLength)]);
  const { id, timesSeen, cut } = await record(db, {
    envelope: read,
    body,
    headers: Object.fromEntries(headers),
    source,
    cloud: verdict.cloud,
    signedAt: verdict.signedAt,
    secretName: verdict.secretName,
    algorithm: verdict.algorithm,
    unexpectedFor: expected ? null : new URL(request.url).pathname,
    handlers,
    handlersOncePublic: handlers.filter((handler) => trustHandlers.has(handler)),
    maxUnreadablePerDay: settings.receive.maxUnreadablePerDay,
  });
  return { kind: "recorded", id, timesSeen, cut, type: read.type, publicId: read.publicId };
}

/** By which the platform's own log and support name a request; undefined elsewhere. */
export function requestIdOf({ headers }: Request): string | undefined {
  return headers.get("x-nf-request-id")?.slice(0, 60);
}

function headerEntry(headers: Headers, name: string): [string, string][] {
  const value = headers.get(name);
  return value === null ? [] : [[name, redact(value).slice(0, 200)]];
}

/** On a first call, `netlify dev` starts a worker and may open the embedded database, which does not happen in production. */
function recordTimeoutMs(config: Config, settings: Settings): number {
  return settings.receive.recordTimeoutMs + (config.local ? 7_000 : 0);
}
