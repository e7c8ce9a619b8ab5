import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { isLoopback } from "../shared/loopback.ts";
import { CloudinaryError } from "./errors.ts";
import { resetAt } from "./reset-at.ts";

/** A call: its address and the schema of its response. */
export interface RestCall<T> {
  /** For error messages, such as `list triggers`. */
  what: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** The absolute path, including the cloud name. */
  path: string;
  query?: Readonly<Record<string, string | number>>;
  /** Sent as JSON. */
  body?: object;
  schema: z.ZodType<T>;
}

/** How long a call may take. */
export interface CallLimits {
  timeoutMs?: number;
  /** The caller's deadline. When it aborts, the call rejects with its reason. */
  signal?: AbortSignal | undefined;
}

const defaultHost = "https://api.cloudinary.com";
const defaultTimeoutMs = 15_000;

/**
 * A call that the official SDK does not support (triggers, polled messages): JSON, Basic authentication and a deadline. Throws
 * `CloudinaryError`. The key and the secret are sent only over HTTPS or to this machine, and never to the target of a redirect.
 */
export async function callRest<T>(
  account: CloudinaryAccount,
  { what, method, path, query = {}, body, schema }: RestCall<T>,
  { timeoutMs = defaultTimeoutMs, signal }: CallLimits = {},
): Promise<T> {
  signal?.throwIfAborted();
  const url = addressOf(account, path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${account.apiKey}:${account.apiSecret}`).toString("base64")}`,
        accept: "application/json",
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: "manual",
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const json = jsonOf(await response.text());
    if (response.status !== 200 && response.status !== 201) throw refusal(what, response, json);
    const answer = schema.safeParse(json);
    if (answer.success) return answer.data;
    throw new CloudinaryError(`${what}: the response does not have the documented structure`, {
      code: response.status,
    });
  } catch (error) {
    if (error instanceof CloudinaryError) throw error;
    signal?.throwIfAborted();
    const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : connectionProblem(error);
    throw new CloudinaryError(`${what}: ${reason}`, { code: null });
  }
}

/** A path segment, such as an id or a name. */
export const segment = (text: string): string => encodeURIComponent(text);

function addressOf({ uploadPrefix }: CloudinaryAccount, path: string): URL {
  const url = new URL(`${(uploadPrefix ?? defaultHost).replace(/\/+$/, "")}${path}`);
  if (url.protocol !== "https:" && !isLoopback(url))
    throw new CloudinaryError(`upload_prefix must begin with https:// (${url.origin})`, { code: 400 });
  return url;
}

const refusalSchema = z.looseObject({ error: z.looseObject({ message: z.string() }) });

function refusal(what: string, { status, headers }: Response, json: unknown): CloudinaryError {
  const read = refusalSchema.safeParse(json);
  const words = read.success ? read.data.error.message : `status ${status}`;
  return new CloudinaryError(`${what}: ${words}`, {
    code: status,
    resetAt: resetAt(status, (name) => headers.get(name)),
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Matches no schema, so it is reported with the status.
  }
}

/** The message `fetch failed` is not useful; its cause is. */
function connectionProblem(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const words = cause instanceof Error ? cause.message : "";
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  return ["the connection failed", [code, words].filter(Boolean).join(": ")].filter(Boolean).join(": ");
}

/** null for 404: nothing has that id or name. */
export async function nullIfMissing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof CloudinaryError && error.isNotFound) return null;
    throw error;
  }
}
