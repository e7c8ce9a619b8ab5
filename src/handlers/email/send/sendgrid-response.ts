import * as z from "zod";
import { errorText } from "../../../lib/shared/log.ts";
import { own } from "../../../lib/shared/own.ts";
import { redact } from "../../../lib/shared/redact.ts";
import { retryAfterMs } from "../../../lib/shared/retry-after.ts";

/** How a request to SendGrid ended. */
export type Answer =
  | { kind: "accepted"; messageId: string | null }
  /** Sent again as it is, it would be refused again. `positions`: the recipients it was refused for. */
  | { kind: "refused"; error: string; positions: { position: number; reason: string }[] }
  /** Not sent, and may go through later. */
  | { kind: "unavailable"; error: string; afterMs?: number }
  /** It may have been sent, and cannot be asked for. */
  | { kind: "unknown"; error: string };

const refusal = z.object({
  errors: z.array(z.object({ message: z.string().nullish(), field: z.string().nullish() })),
});

const headersSchema = z.record(z.string(), z.unknown()).catch({});

export function answerOf(status: number, headers: unknown, body: unknown): Answer {
  const header = headerReader(headers);
  if (status === 202 || status === 200) return { kind: "accepted", messageId: header("x-message-id") };
  const read = refusal.safeParse(body);
  const errors = read.success ? read.data.errors : [];
  const error = describe(status, errors);
  if (status === 429 || status === 408 || status >= 500) {
    const afterMs = waitOf(header);
    return { kind: "unavailable", error, ...(afterMs !== null && { afterMs }) };
  }
  return { kind: "refused", error, positions: status === 400 ? errors.flatMap(positionOf) : [] };
}

/** Of what the client rejects with, which must not be kept: it holds the key and every recipient. */
export function answerOfError(error: unknown): Answer {
  const read = clientError.safeParse(error);
  const { code, request, response, isAxiosError } = read.success ? read.data : {};
  // The answer began and was cut off: its status says all that is needed.
  const status = response?.status ?? (typeof code === "number" ? code : null);
  if (status !== null) return answerOf(status, response?.headers, null);
  // Refused by the client itself, before any request.
  if (!isAxiosError) return { kind: "refused", error: errorText(error), positions: [] };
  const text = `no answer from SendGrid: ${code ?? "the connection was lost"}`;
  // Certain not to have been sent only where the request never left whole.
  return request?.writableFinished ? { kind: "unknown", error: text } : { kind: "unavailable", error: text };
}

const clientError = z.object({
  isAxiosError: z.boolean().optional(),
  code: z.union([z.string(), z.number()]).optional(),
  /** Node's own request: finished once the last byte was handed to the system. */
  request: z.object({ writableFinished: z.boolean() }).optional(),
  response: z.object({ status: z.number().optional(), headers: z.unknown() }).optional(),
});

function describe(status: number, errors: readonly { message?: string | null | undefined }[]): string {
  const said = errors.map(({ message }) => message ?? "").filter(Boolean);
  return redact(`SendGrid answered ${status}${said.length > 0 ? `: ${said.join("; ")}` : ""}`).slice(
    0,
    1_000,
  );
}

/** `personalizations.3.to.0.email` and such: the fourth recipient. */
function positionOf(error: { message?: string | null | undefined; field?: string | null | undefined }) {
  const position = /^personalizations[.[](\d+)/.exec(error.field ?? "")?.[1];
  return position === undefined
    ? []
    : [{ position: Number(position), reason: redact(error.message ?? "refused") }];
}

type HeaderReader = (name: string) => string | null;

function headerReader(headers: unknown): HeaderReader {
  const values = headersSchema.parse({ ...Object(headers) });
  return (name) => {
    const value = own(values, name);
    return typeof value === "string" ? value : null;
  };
}

/** `X-RateLimit-Reset` is an instant by SendGrid's clock, so it is read against the answer's own date. */
function waitOf(header: HeaderReader): number | null {
  const now = Date.parse(header("date") ?? "") || Date.now();
  const reset = Number(header("x-ratelimit-reset") ?? Number.NaN);
  if (reset > 0) return Math.max(0, reset * 1_000 - now);
  return retryAfterMs(header("retry-after"), now);
}
