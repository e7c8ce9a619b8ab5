import { errorText } from "../lib/shared/log.ts";

export interface Called {
  status: number;
  headers: Headers;
  /** The beginning of the body. */
  text: string;
  /** The body as JSON; undefined where it is none. */
  json: unknown;
}

const timeoutMs = 8_000;
const maxText = 200_000;

/** One HTTP call that follows no redirect. Returns why there was no answer instead of rejecting. */
export async function call(url: string | URL, init: RequestInit = {}): Promise<Called | string> {
  try {
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = (await response.text()).slice(0, maxText);
    return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
  } catch (error) {
    return whyNot(error);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // An HTML page, for example.
  }
}

/** `fetch failed` says nothing; its cause does. */
function whyNot(error: unknown): string {
  if (error instanceof Error && error.name === "TimeoutError")
    return `no answer within ${timeoutMs / 1_000} s`;
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its host cannot be found";
  if (code === "ECONNREFUSED") return "nothing listens at its address";
  if (/CERT|certificate|altname/i.test(code)) return `its certificate is not accepted (${code})`;
  return errorText(cause);
}
