import fc from "fast-check";
import consoleFunction from "../../netlify/functions/console-api.ts";
import { app } from "../../src/console/server/app.ts";
import { adaToken } from "../console/tokens.ts";
import { invoke } from "../support/invoke.ts";
import { anyText } from "./bodies.ts";

const isRoute = ({ method, path }: { method: string; path: string }) =>
  ["GET", "POST", "PUT", "DELETE"].includes(method) && !path.includes("*");
const routes = app.routes.filter(isRoute).map(({ method, path }) => ({ method, path }));

const parameters = [
  ...["q", "type", "state", "handler", "after", "before", "from", "to", "cursor", "page", "limit", "asset"],
  ...[
    "sku",
    "cloud",
    "range",
    "tab",
    "kind",
    "status",
    "sort",
    "format",
    "id",
    "name",
    "reason",
    "step",
    "field",
  ],
];

export interface ConsoleCall {
  method: string;
  path: string;
  ids: string[];
  query: [string, string][];
  body: unknown;
}

const text = fc.oneof(
  anyText,
  fc.uuid(),
  fc.constantFrom(
    "-1",
    "0",
    "1e9",
    "NaN",
    "99999999999999999999",
    "2024-02-30",
    "0000-01-01",
    "type:upload is:held",
  ),
  fc.constantFrom('"', "a:b:c", "from:2026-13-45", "-", "(", "is:", "sku:%", "*", "\\", "tag:\0"),
);

/** A call of a route of the console's API with any parameters, by an operator who is signed in. */
export const consoleCalls: fc.Arbitrary<ConsoleCall> = fc
  .record({
    route: fc.constantFrom(...routes),
    ids: fc.array(text, { minLength: 3, maxLength: 3 }),
    query: fc.array(fc.tuple(fc.oneof(fc.constantFrom(...parameters), text), text), { maxLength: 4 }),
    body: fc.oneof(
      fc.dictionary(
        fc.constantFrom("ids", "reason", "id", "decision", "handler", "name", "body"),
        fc.oneof(text, fc.array(text)),
      ),
      fc.anything(),
    ),
  })
  .map(({ route, ...rest }) => ({ ...route, ...rest }));

/** The status of the answer. */
export async function callConsole(
  { method, path, ids, query, body }: ConsoleCall,
  origin: string,
): Promise<number> {
  let used = 0;
  const named = path.replaceAll(/:\w+(\{[^}]*\})?\??/g, () =>
    encodeURIComponent((ids[used++] ?? "").toWellFormed()),
  );
  const url = new URL(named, origin);
  for (const [name, value] of query) url.searchParams.append(name, value.slice(0, 2_000));
  const headers = { authorization: `Bearer ${adaToken}`, "content-type": "application/json" };
  const sent = method === "GET" ? {} : { body: JSON.stringify(body, bigints) ?? "" };
  const answer = await invoke(consoleFunction, new Request(url, { method, headers, ...sent }));
  await answer.arrayBuffer();
  return answer.status;
}

const bigints = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);
