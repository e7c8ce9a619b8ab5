import { lookup as resolve } from "node:dns";
import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { beginCall } from "../shared/exchange.ts";
import { errorText } from "../shared/log.ts";
import { own } from "../shared/own.ts";
import { isPublicAddress, privateOf } from "./address.ts";

/** The address is not allowed. Not retried. */
export class AddressRefused extends Error {
  override name = "AddressRefused" as const;
}

export interface OutgoingRequest {
  method: "GET" | "POST" | "PATCH";
  url: URL;
  headers: Record<string, string>;
  /** null: no body, as with GET. */
  body: string | null;
  /** The maximum length of the response body that is read. */
  maxTextLength: number;
  /** Allows loopback, private networks and http. */
  allowPrivate: boolean;
  signal: AbortSignal;
}

export interface Answer {
  status: number;
  retryAfter: string | null;
  /** The beginning of the body. */
  text: string;
  /** The body is longer than `text`. */
  cut: boolean;
  headers: IncomingHttpHeaders;
}

/** Whether the request had been sent completely when `send` failed with this error, so that it may have had its effect. */
export function isWritten(error: unknown): boolean {
  return (
    error instanceof Error &&
    (!("written" in error) ? !(error instanceof AddressRefused) : error.written === true)
  );
}

/** Sends the request and reads the response. Does not follow redirects, and checks the address that it connects to. */
export async function send(outgoing: OutgoingRequest): Promise<Answer> {
  const { method, url, headers, allowPrivate } = outgoing;
  checkUrl(url, allowPrivate);
  const { host, pathname: path } = url;
  const call = beginCall({ method, host, path, secrets: credentialsOf(headers), hidesPath: true });
  try {
    const answer = await exchange(outgoing);
    const { status, text, cut } = answer;
    if (status >= 200 && status < 300) call.succeeded();
    else call.failed({ status, headers: answer.headers, body: text, cut });
    return answer;
  } catch (error) {
    call.failed({ error: errorText(error) });
    throw error;
  }
}

/** The token, or the user and the password, of an `authorization` header. */
function credentialsOf(headers: Record<string, string>): string[] {
  const [scheme = "", value = ""] = (own(headers, "authorization") ?? "").split(" ");
  const pair = scheme.toLowerCase() === "basic" ? Buffer.from(value, "base64").toString() : "";
  return [value, pair, ...pair.split(":")].filter((text) => text !== "");
}

async function exchange(outgoing: OutgoingRequest): Promise<Answer> {
  const { method, url, headers, body, maxTextLength, allowPrivate, signal } = outgoing;
  const open = url.protocol === "https:" ? secureRequest : plainRequest;
  return await new Promise((resolveAnswer, reject) => {
    const request = open(url, {
      method,
      headers: body === null ? headers : { ...headers, "content-length": Buffer.byteLength(body) },
      agent: false,
      signal,
      ...(!allowPrivate && { lookup: publicOnly }),
    });
    request.on("error", (error) => reject(Object.assign(error, { written: request.writableFinished })));
    request.on("response", (response) => readAnswer(response, maxTextLength).then(resolveAnswer, reject));
    request.end(body ?? undefined);
  });
}

function checkUrl(url: URL, allowPrivate: boolean): void {
  if (url.protocol !== "https:" && !(allowPrivate && url.protocol === "http:"))
    throw new AddressRefused(`${url.protocol}// is not allowed, only https://`);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  // IP addresses are not looked up, so they are checked here.
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    throw new AddressRefused(`${host} is not a public address`);
}

/** Checks the resolved addresses when connecting, which prevents DNS rebinding. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const refused = privateOf(addresses);
    if (refused !== undefined)
      return callback(
        new AddressRefused(`${hostname} resolves to ${refused}, which is not a public address`),
        [],
      );
    if (options.all) return callback(null, addresses);
    const [first] = addresses;
    callback(null, first?.address ?? "", first?.family);
  });
};

async function readAnswer(response: IncomingMessage, maxTextLength: number): Promise<Answer> {
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) {
    text += String(part);
    if (text.length > maxTextLength) break; // Also closes the connection.
  }
  const retryAfter = response.headers["retry-after"] ?? null;
  const cut = text.length > maxTextLength;
  const { headers } = response;
  return { status: response.statusCode ?? 0, retryAfter, text: text.slice(0, maxTextLength), cut, headers };
}
