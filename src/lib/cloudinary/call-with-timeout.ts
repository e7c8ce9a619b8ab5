import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import * as z from "zod";
import { CloudinaryError, cloudinaryError } from "./errors.ts";

/** The options of every call. */
export interface Extra {
  agent: HttpAgent;
  timeout: number;
}

export interface GuardedCall<T> {
  what: string;
  schema: z.ZodType<T>;
  send: (extra: Extra) => Promise<unknown>;
  timeoutMs: number;
  overHttp: boolean;
  /** The caller's deadline. */
  signal: AbortSignal | undefined;
}

/**
 * Ends the call at its timeout or at the caller's deadline, and converts every rejection into a `CloudinaryError`.
 * If the deadline has already passed, throws the signal's reason and sends nothing.
 */
export async function guarded<T>(call: GuardedCall<T>): Promise<T> {
  const { what, schema, send, timeoutMs, overHttp, signal } = call;
  signal?.throwIfAborted();
  // One agent for each call, so that a call can be ended without affecting others and its response can be identified.
  const agent = overHttp ? new HttpAgent() : new HttpsAgent();
  const reset = watchReset(agent);
  const over = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (why: string) => () => reject(new CloudinaryError(`${what}: ${why}`, { code: null }));
    const timer = setTimeout(end(`no answer within ${timeoutMs} ms`), timeoutMs);
    over.signal.addEventListener("abort", () => clearTimeout(timer));
    signal?.addEventListener("abort", end("no answer before the deadline"), { signal: over.signal });
  });
  try {
    const answer = schema.safeParse(await Promise.race([send({ agent, timeout: timeoutMs }), ended]));
    if (answer.success) return answer.data;
    throw new CloudinaryError(`${what}: the response does not have the documented structure`, { code: null });
  } catch (error) {
    throw error instanceof CloudinaryError ? error : cloudinaryError(what, error, reset.at());
  } finally {
    over.abort();
    reset.stop();
    agent.destroy();
  }
}

const channel = "http.client.response.finish";

/** Reads the reset time of the rate limit from the response headers, which the SDK drops for error responses. */
function watchReset(agent: HttpAgent): { at(): Date | null; stop(): void } {
  let at: Date | null = null;
  const onAnswer = (message: unknown): void => {
    const read = answered.safeParse(message);
    if (!read.success || !("agent" in read.data.request) || read.data.request.agent !== agent) return;
    const date = new Date(read.data.response.headers["x-featureratelimit-reset"]?.toString() ?? "");
    if (!Number.isNaN(date.getTime())) at = date;
  };
  subscribe(channel, onAnswer);
  return { at: () => at, stop: () => void unsubscribe(channel, onAnswer) };
}

const answered = z.object({ request: z.instanceof(ClientRequest), response: z.instanceof(IncomingMessage) });
