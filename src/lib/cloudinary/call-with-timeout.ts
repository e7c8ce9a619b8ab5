import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import * as z from "zod";
import { beginCall, type SeenAnswer, type SeenRequest } from "../shared/exchange.ts";
import { own } from "../shared/own.ts";
import { CloudinaryError, cloudinaryError, messageOf } from "./errors.ts";
import { resetAt } from "./reset-at.ts";

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
  const wire = watchWire(agent);
  // Its address is known once the SDK has sent it.
  const begun = beginCall(wire.request);
  const over = new AbortController();
  const ended = new Promise<never>((_resolve, reject) => {
    const end = (why: string) => () => reject(new CloudinaryError(`${what}: ${why}`, { code: null }));
    const timer = setTimeout(end(`no answer within ${timeoutMs} ms`), timeoutMs);
    over.signal.addEventListener("abort", () => clearTimeout(timer));
    signal?.addEventListener("abort", end("no answer before the deadline"), { signal: over.signal });
  });
  try {
    const answer = schema.safeParse(await Promise.race([send({ agent, timeout: timeoutMs }), ended]));
    if (!answer.success)
      throw new CloudinaryError(`${what}: the response does not have the documented structure`, {
        code: null,
      });
    begun.succeeded();
    return answer.data;
  } catch (caught) {
    const error = caught instanceof CloudinaryError ? caught : cloudinaryError(what, caught, wire.resetAt());
    begun.failed(answerOf(wire, error, caught));
    throw error;
  } finally {
    over.abort();
    wire.stop();
    agent.destroy();
  }
}

/** The SDK passes on what an answer says, not its text. Without an answer, its own words say why. */
function answerOf({ answer }: Wire, error: CloudinaryError, caught: unknown): SeenAnswer {
  const { status, headers } = answer();
  if (status === null) return { error: error.message };
  const message = messageOf(caught);
  return { status, headers, ...(message !== null && { body: { error: { message } } }) };
}

/** What was sent by an agent, and what came back. */
interface Wire {
  request: SeenRequest;
  answer(): { status: number | null; headers: object };
  /** When calls are allowed again, if the answer's headers say so: the SDK drops them for error responses. */
  resetAt(): Date | null;
  stop(): void;
}

const sentChannel = "http.client.request.start";
const answeredChannel = "http.client.response.finish";

function watchWire(agent: HttpAgent): Wire {
  const request: SeenRequest = { method: "", host: "", path: "" };
  let response: IncomingMessage | null = null;
  const isMine = (sent: ClientRequest) => "agent" in sent && sent.agent === agent;
  const onSent = (message: unknown): void => {
    const read = sentSchema.safeParse(message);
    if (!read.success || !isMine(read.data.request)) return;
    const sent = read.data.request;
    request.method = sent.method;
    // With its port.
    request.host = String(sent.getHeader("host") ?? sent.host);
    request.path = sent.path;
  };
  const onAnswer = (message: unknown): void => {
    const read = answeredSchema.safeParse(message);
    if (read.success && isMine(read.data.request)) ({ response } = read.data);
  };
  subscribe(sentChannel, onSent);
  subscribe(answeredChannel, onAnswer);
  return {
    request,
    answer: () => ({ status: response?.statusCode ?? null, headers: response?.headers ?? {} }),
    resetAt() {
      const { statusCode = null, headers = {} } = response ?? {};
      return resetAt(statusCode, (name) => own(headers, name)?.toString() ?? null);
    },
    stop() {
      unsubscribe(sentChannel, onSent);
      unsubscribe(answeredChannel, onAnswer);
    },
  };
}

const sentSchema = z.object({ request: z.instanceof(ClientRequest) });
const answeredSchema = sentSchema.extend({ response: z.instanceof(IncomingMessage) });
