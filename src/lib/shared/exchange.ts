import { AsyncLocalStorage } from "node:async_hooks";
import { masked } from "./masked.ts";
import { redact } from "./redact.ts";

/** A request to another service that failed, and its answer, as far as both may be kept: masked, and never what was sent. */
export interface Exchange {
  at: string;
  method: string;
  host: string;
  /** Without the query. */
  path: string;
  /** null: there was no answer. */
  status: number | null;
  /** Those that help to find a cause. */
  headers: Record<string, string>;
  /** The first kilobyte of the answer's body; null: it has none, or it was not read. */
  body: string | null;
  /** The answer's body is longer. */
  cut: boolean;
  /** Why there is no answer. */
  error: string | null;
}

/** A request as the code that sends it knows it. Nothing of it is kept as it is. */
export interface SeenRequest {
  method: string;
  host: string;
  path: string;
  /** Values that the answer could repeat, such as a token that only this request has. */
  secrets?: readonly string[];
  /** The path may hold a token, as the addresses of webhooks do: parts that look like one are masked. */
  hidesPath?: boolean;
}

export interface SeenAnswer {
  status?: number | null;
  headers?: object;
  /** A text or a parsed value; its beginning is enough. */
  body?: unknown;
  /** The body is only the beginning. */
  cut?: boolean;
  error?: string;
}

/** One request under way. */
export interface Call {
  failed(answer: SeenAnswer): void;
  succeeded(): void;
}

interface Witness {
  exchange: Exchange | null;
  /** How many requests have failed. */
  failures: number;
}

const witnesses = new AsyncLocalStorage<Witness>();

/** Runs `work`, and keeps the last request in it that failed. Read the result of `exchange` after `work` has ended or was given up. */
export function witness<T>(work: () => Promise<T>): { done: Promise<T>; exchange: () => Exchange | null } {
  const seen: Witness = { exchange: null, failures: 0 };
  return { done: witnesses.run(seen, work), exchange: () => seen.exchange };
}

/** The last request that failed in the `witness` around this; null if none did, or without a `witness`. */
export const lastFailure = (): Exchange | null => witnesses.getStore()?.exchange ?? null;

/** Call right before the request. A failure that is followed by a successful request was dealt with, and is not kept. */
export function beginCall(request: SeenRequest): Call {
  const seen = witnesses.getStore();
  const before = seen?.failures ?? 0;
  return {
    failed(answer) {
      if (!seen) return;
      seen.failures += 1;
      seen.exchange = kept(request, answer);
    },
    succeeded() {
      if (seen && seen.failures === before) seen.exchange = null;
    },
  };
}

/** Bytes of a body that are kept. */
const maxBody = 1_024;
/** Characters that are looked at; the answer can be long. */
const maxRead = 16_384;
/** The end of cut text may be half of an address or of a token that no pattern recognises. */
const maxToken = 320;
const maxText = 500;

const keptHeaders = new Set([
  "content-type",
  "content-length",
  "date",
  "server",
  "retry-after",
  "location",
  "x-request-id",
  "x-cld-error",
  "x-cld-request-id",
  "x-amzn-requestid",
  "x-amzn-errortype",
  "x-message-id",
  "x-ratelimit-limit",
  "x-ratelimit-remaining",
  "x-ratelimit-reset",
  "x-featureratelimit-limit",
  "x-featureratelimit-remaining",
  "x-featureratelimit-reset",
]);

function kept(
  request: SeenRequest,
  { status = null, headers = {}, body, cut = false, error }: SeenAnswer,
): Exchange {
  const clean = (text: string) => masked(without(request.secrets ?? [], text));
  const [path = ""] = request.path.split(/[?#]/);
  const shown = Object.entries(headers).flatMap(([name, value]: [string, unknown]) => {
    const lower = name.toLowerCase();
    if (!keptHeaders.has(lower) || (typeof value !== "string" && typeof value !== "number")) return [];
    const text = lower === "location" ? withoutQuery(String(value)) : String(value);
    return [[lower, readable(clean(text)).slice(0, maxText)]];
  });
  const text = body === undefined || body === null || body === "" ? null : textOf(body);
  const isLong = cut || (text !== null && text.length > maxRead);
  const said = text === null ? null : readable(clean(text.slice(0, maxRead)));
  const whole = said !== null && isLong ? said.slice(0, -maxToken) : said;
  const first = whole === null ? null : beginning(whole);
  return {
    at: new Date().toISOString(),
    method: request.method,
    host: clean(request.host).slice(0, maxText),
    path: readable(clean(request.hidesPath ? withoutTokens(path) : path)).slice(0, maxText),
    status,
    headers: Object.fromEntries(shown),
    body: first,
    cut: isLong || first !== whole,
    error: error === undefined ? null : clean(redact(error)).slice(0, maxText),
  };
}

const without = (secrets: readonly string[], text: string): string =>
  secrets.reduce((clean, secret) => (secret.length < 4 ? clean : clean.replaceAll(secret, "[secret]")), text);

const withoutQuery = (address: string): string => address.split(/[?#]/)[0] ?? "";

/** A long part with letters and digits, or a very long one. */
const withoutTokens = (path: string): string =>
  path
    .split("/")
    .map((part) =>
      part.length >= 32 || (part.length >= 16 && /\d/.test(part) && /[a-z]/i.test(part)) ? "[masked]" : part,
    )
    .join("/");

function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body.subarray(0, maxRead)).toString("utf8");
  return JSON.stringify(body) ?? "";
}

/** Without signs that are none: an answer can be anything. */
const readable = (text: string): string => text.toWellFormed().replace(/[^\P{Cc}\n\t]/gu, "\u{fffd}");

/** The first bytes, without half a letter. */
function beginning(text: string): string {
  const bytes = Buffer.from(text);
  return bytes.length <= maxBody
    ? text
    : new TextDecoder().decode(bytes.subarray(0, maxBody), { stream: true });
}
