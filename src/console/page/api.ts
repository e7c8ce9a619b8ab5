import { hc } from "hono/client";
import type { ConsoleApi } from "../server/app.ts";
import { problemOf } from "../shared/client.ts";
import { fetchOrEarly } from "./early-answers.ts";

export { ApiProblem, answer } from "../shared/client.ts";

/** Every call of the console's API, with its types. */
export const { api } = hc<ConsoleApi>(window.location.origin, { fetch: fetchOrEarly });

/** Exchanges the token for a session cookie, which scripts cannot read. */
export async function signIn(token: string): Promise<void> {
  const response = await fetchOrEarly(new URL("/api/sign-in", window.location.origin), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw await problemOf(response);
}
