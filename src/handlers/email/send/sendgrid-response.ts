import * as z from "zod";
import { errorText } from "../../../lib/shared/log.ts";
import { own } from "../../../lib/shared/own.ts";
import { redact } from "../../../lib/shared/redact.ts";
import { retryAfterMs } from "../../../lib/shared/retry-after.ts";
import type { Answer, RefusedPosition } from "./provider.ts";

const refusal = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })),
});

const headersSchema = z.record(z.string(), z.unknown()).catch({});

export function answerOf(status: number, headers: unknown, body: unknown): Answer {
  const header = headerReader(headers);
  if (status === 202 || status === 200) {
    const messageId = header("x-message-id");
    return { kind: "accepted", messageIds: messageId === null ? [] : [messageId] };
  }
  const read = refusal.safeParse(body);
  const errors = read.success ? read.data.errors : [];
  const error = describe(status, errors);
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = waitOf(header);
    return { kind: "unavailable", error, ...(afterMs !== null && { afterMs }) };
  }
  return { kind: "refused", error, positions: status === 400 ? errors.flatMap(positionOf) : [] };
}

/** Classifies an error of the client. The error itself must not be stored: it contains the key and all recipients. */
export function answerOfError(error: unknown): Answer {
  const read = clientError.safeParse(error);
  const { code, request, response, isAxiosError } = read.success ? read.data : {};
  // The response was cut off after its status, which is sufficient.
  const status = response?.status ?? (typeof code === "number" ? code : null);
  if (status !== null) return answerOf(status, response?.headers, null);
  // Rejected by the client before any request.
  if (!isAxiosError) return { kind: "refused", error: errorText(error), positions: [] };
  const text = `no response from SendGrid: ${code ?? "the connection was lost"}`;
  // The mail was certainly not sent only if the request was not fully written.
  return request?.writableFinished ? { kind: "unknown", error: text } : { kind: "unavailable", error: text };
}

const clientError = z.object({
  isAxiosError: z.boolean().optional(),
  code: z.union([z.string(), z.number()]).optional(),
  /** Node's request: finished once the last byte was handed to the operating system. */
  request: z.object({ writableFinished: z.boolean() }).optional(),
  response: z.object({ status: z.number().optional(), headers: z.unknown() }).optional(),
});

function describe(status: number, errors: readonly { message?: string | null | undefined }[]): string {
  const said = errors.map(({ message }) => message ?? "").filter(Boolean);
  return redact(`SendGrid returned ${status}${said.length > 0 ? `: ${said.join("; ")}` : ""}`).slice(
    0,
    1_000,
  );
}

/** Finds the recipient in a field such as `personalizations.3.to.0.email`, which names the fourth. */
function positionOf(error: {
  message?: string | null | undefined;
  field?: string | null | undefined;
}): RefusedPosition[] {
  const position = /^personalizations[.[](\d+)/.exec(error.field ?? "")?.[1];
  return position === undefined
    ? []
    : [{ position: Number(position), reason: redact(error.message ?? "rejected") }];
}

type HeaderReader = (name: string) => string | null;

function headerReader(headers: unknown): HeaderReader {
  const values = headersSchema.parse({ ...Object(headers) });
  return (name) => {
    const value = own(values, name);
    return typeof value === "string" ? value : null;
  };
}

/** `X-RateLimit-Reset` is a time by SendGrid's clock, so it is compared with the date of the response. */
function waitOf(header: HeaderReader): number | null {
  const now = Date.parse(header("date") ?? "") || Date.now();
  const reset = Number(header("x-ratelimit-reset") ?? Number.NaN);
  if (reset > 0) return Math.max(0, reset * 1_000 - now);
  return retryAfterMs(header("retry-after"), now);
}
