import { queryOptions } from "@tanstack/react-query";
import type { OperatorRole } from "../../lib/shared/operators.ts";
import { ApiProblem, answer, api, signIn } from "./api.ts";
import { tokenOfLink } from "./early.ts";
import { sessionKey } from "./queries.ts";

let linkToken = tokenOfLink;

/** The token of a link that was opened in this tab; the next reading of the session signs in with it. */
export function keepToken(token: string): void {
  linkToken = token;
}

/** Who is signed in; null: nobody. */
export const sessionQuery = queryOptions({
  queryKey: sessionKey,
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
});

async function readSession(): Promise<{ operator: string; role: OperatorRole; localStack: boolean } | null> {
  const token = linkToken;
  linkToken = null;
  try {
    if (token !== null) await signIn(token);
    return await answer(api.session.$get());
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) return null;
    throw error;
  }
}
