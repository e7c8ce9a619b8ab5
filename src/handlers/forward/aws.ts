import { beginCall } from "../../lib/shared/exchange.ts";
import { redact } from "../../lib/shared/redact.ts";
import type { Sent } from "./target.ts";

const throttling = /Throttl|TooManyRequests|RequestLimitExceeded|OverLimit|SlowDown|LimitExceeded/;
/** About the message itself. */
const content =
  /InvalidMessageContents|InvalidParameterValue|MessageTooLong|ValidationException|ValidationError|MalformedDetail|InvalidArgument/;

/** What an error code of AWS means for the message. `status` null: no answer. */
export function outcomeOfCode(
  code: string,
  status: number | null,
  text: string,
): Exclude<Sent, { kind: "sent" }> {
  const error = redact(`AWS ${code}: ${text}`).slice(0, 500);
  if (
    status === null ||
    status >= 500 ||
    status === 429 ||
    throttling.test(code) ||
    /^Internal|Unavailable|TimeTooSkewed/.test(code)
  )
    return { kind: "try-again", error };
  return { kind: content.test(code) ? "refused" : "misconfigured", error };
}

/** One call of an AWS client. Errors become outcomes. The client does not retry, because deliveries are retried. */
export async function call<T>(
  { host, operation }: { host: string; operation: string },
  work: () => Promise<T>,
  read: (answer: T) => Sent,
): Promise<Sent> {
  const seen = beginCall({ method: "POST", host, path: `/ ${operation}` });
  try {
    const answer = await work();
    seen.succeeded();
    return read(answer);
  } catch (caught) {
    const { name, message } = caught instanceof Error ? caught : new Error(String(caught));
    const status = statusOf(caught);
    seen.failed({ error: redact(`${name}: ${message}`).slice(0, 500) });
    return outcomeOfCode(name, status, message);
  }
}

function statusOf(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) return null;
  const { $metadata: metadata } = error;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return null;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : null;
}
