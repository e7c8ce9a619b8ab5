import { hc } from "hono/client";
import type { ConsoleApi } from "../console/server/app.ts";
import { ApiProblem, answer, type JsonResponse } from "../console/shared/client.ts";
import { notTheReceiver, type Receiver, unreachable } from "./receiver.ts";
import { UserError } from "./user-error.ts";

/** Every call of the receiver's console API, with its types, as the operator whose token is set. */
export function recordsOf({ url, token }: Receiver) {
  return hc<ConsoleApi>(url, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      fetch(input, { ...init, redirect: "manual", signal: AbortSignal.timeout(30_000) }),
  }).api;
}

/** The JSON of the answer. Throws a `UserError` that says how to fix an error. */
export async function answered<T>(receiver: Receiver, call: Promise<JsonResponse<T>>): Promise<T> {
  try {
    return await answer(call);
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw new UserError(unreachable(receiver), 1, { cause });
    throw new UserError(inWords(cause, receiver), cause.status === 400 ? 2 : 1, { cause });
  }
}

function inWords({ status, reason, message }: ApiProblem, { url, token }: Receiver): string {
  if (reason === "unreadable-answer") return notTheReceiver(url, status);
  if (status === 401)
    return `The receiver does not accept ${token === null ? "requests without a token" : "this token"} (401 ${reason}). Set OPERATOR_TOKEN to one of the receiver's tokens.`;
  if (reason === "viewers-only-read")
    return "This needs an operator's token. The token in OPERATOR_TOKEN is a viewer's, which can only read.";
  if (reason === "in-several-clouds")
    return "Several clouds have this identifier. Put the name of the one that is meant in front, such as campaigns:shoes/red.";
  if (reason === "nothing-recorded") return `Nothing is recorded under this identifier at ${url}.`;
  if (reason === "assets-not-listed")
    return "The receiver is still listing the assets of a very large notification. Try again in a minute.";
  if (reason === "faces-off") return "The handler faces is off (docs/faces.md).";
  // Whatever the reason: under `netlify dev` the reason of a 404 is another one (test/dev.test.ts).
  if (status === 404) return `No notification has this id at ${url}.`;
  return `${status} ${reason}${message === "" ? "" : `: ${message}`}`;
}
