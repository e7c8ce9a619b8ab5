import consoleApi from "../../netlify/functions/console-api.ts";
import signIn from "../../netlify/functions/sign-in.ts";
import { type InvokeOptions, invoke } from "../support/invoke.ts";
import { adaToken } from "./tokens.ts";

export const origin = "https://hooks.example.com";

export interface ApiRequest {
  method?: string;
  /** As JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  /** null: none is sent. */
  token?: string | null;
  origin?: string;
}

export function apiRequest(path: string, options: ApiRequest = {}): Request {
  const { method = options.body === undefined ? "GET" : "POST", body, token = adaToken } = options;
  return new Request(new URL(path, options.origin ?? origin), {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...options.headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

/** Asks the console's API as Ada does, with her bearer token, unless told otherwise. */
export async function ask(
  path: string,
  options: ApiRequest = {},
  invoked: InvokeOptions = {},
): Promise<Response> {
  const handler = path.startsWith("/api/sign-in") ? signIn : consoleApi;
  return await invoke(handler, apiRequest(path, options), invoked);
}
