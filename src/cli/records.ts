import { hc } from "hono/client";
import type { ConsoleApi } from "../console/server/app.ts";
import { ApiProblem, answer, type JsonResponse } from "../console/shared/client.ts";
import type { Receiver } from "./receiver.ts";
import { UserError } from "./user-error.ts";

/** Every call of the receiver's console API, with its types, as the operator whose token is set. */
export function recordsOf({ url, token }: Receiver) {
  return hc<ConsoleApi>(url, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    fetch: (input: string | URL | Request, init?: RequestInit) =>
      fetch(input, { ...init, redirect: "manual", signal: AbortSignal.timeout(30_000) }),
  }).api;
}

/** The JSON of the answer; throws `UserError` that says what to do when there is none. */
export async function answered<T>(receiver: Receiver, call: Promise<JsonResponse<T>>): Promise<T> {
  try {
    return await answer(call);
  } catch (cause) {
    throw new UserError(cause instanceof ApiProblem ? inWords(cause, receiver) : silence(receiver), 1, {
      cause,
    });
  }
}

const silence = ({ url }: Receiver): string =>
  `Nothing answers at ${url}. Is it running? \`npm start\` starts it here.`;

function inWords({ status, reason, message }: ApiProblem, { url, token }: Receiver): string {
  if (reason === "unreadable-answer")
    return `${url} answered ${status}, and not as the receiver does. Is the address right? A private Netlify project answers 401 to everybody.`;
  if (status === 401)
    return `Records cannot be read (401 ${reason}): set OPERATOR_TOKEN ${token === null ? "" : "here "}to the receiver's.`;
  if (reason === "viewers-only-read")
    return "This needs an operator's token: the one in OPERATOR_TOKEN is a viewer's, which only reads.";
  if (reason === "nothing-recorded") return `Nothing is recorded under this identifier at ${url}.`;
  // Whatever it lacks: under `netlify dev` the reason of a 404 is another one (test/dev.test.ts).
  if (status === 404) return `There is no notification with this id at ${url}.`;
  return `${status} ${reason}${message === "" ? "" : `: ${message}`}`;
}
