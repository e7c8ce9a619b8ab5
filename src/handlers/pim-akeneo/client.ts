import { AddressRefused, type Answer, send } from "../../lib/outgoing/request.ts";
import { errorText } from "../../lib/shared/log.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import type { AkeneoAccount } from "./account.ts";
import { CallLimit } from "./call-limit.ts";
import { PushEnded, reasonOf, refused, tryAgain } from "./failure.ts";
import { Tokens } from "./tokens.ts";

export interface AkeneoCall {
  method: "GET" | "PATCH";
  /** Below `/api/rest/v1/`, encoded. */
  path: string;
  body?: object;
}

/** Akeneo lets a connection make four calls at a time. */
const maxCalls = 4;
const timeoutMs = 10_000;
/** A product with many values in many locales has some hundred kilobytes. */
const maxTextLength = 8_000_000;
/** A longer `Retry-After` holds back the delivery that got it; the others ask again after this. */
const maxHoldMs = 60_000;

const clients = new Map<string, AkeneoClient>();

/** One client for each account, shared by all deliveries of this function instance: its token, and its share of calls. */
export function akeneoClient(account: AkeneoAccount): AkeneoClient {
  const key = JSON.stringify(account);
  const client = clients.get(key) ?? new AkeneoClient(account);
  clients.set(key, client);
  return client;
}

/** Calls to Akeneo's REST API. Errors that end a push are thrown as `PushEnded`. */
export class AkeneoClient {
  readonly #account: AkeneoAccount;
  readonly #tokens: Tokens;
  readonly #limit = new CallLimit(maxCalls);
  /** After a 429: when to call again. */
  #heldUntil = 0;

  constructor(account: AkeneoAccount) {
    this.#account = account;
    this.#tokens = new Tokens(account, (body, headers) =>
      this.#send(
        { method: "POST", path: "/api/oauth/v1/token", body, headers },
        AbortSignal.timeout(timeoutMs),
      ),
    );
  }

  /** A rejected token is replaced once. */
  async call(call: AkeneoCall, signal: AbortSignal): Promise<Answer> {
    const token = await this.#tokens.current(signal);
    const answer = await this.#request(call, token, signal);
    if (answer.status !== 401) return answer;
    const other = await this.#tokens.replace(token, signal);
    const again = await this.#request(call, other, signal);
    if (again.status !== 401) return again;
    const reason = `Akeneo rejected a token that it had just issued${reasonOf(again)}`;
    throw new PushEnded({ kind: "gone", reason });
  }

  async #request({ method, path, body }: AkeneoCall, token: string, signal: AbortSignal): Promise<Answer> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await this.#send({ method, path: `/api/rest/v1/${path}`, body, headers }, signal);
    return { ...answer, text: answer.text.replaceAll(token, "[secret]") };
  }

  async #send({ method, path, body, headers }: Sending, signal: AbortSignal): Promise<Answer> {
    const heldMs = this.#heldUntil - Date.now();
    if (heldMs > 0) throw tryAgain("Akeneo asked for fewer calls (429)", heldMs);
    try {
      const answer = await this.#limit.run(
        () =>
          send({
            method,
            url: new URL(this.#account.url + path),
            headers: {
              ...headers,
              accept: "application/json",
              "user-agent": "cloudinary-webhooks",
              ...(body && { "content-type": "application/json" }),
            },
            body: body ? JSON.stringify(body) : null,
            maxTextLength,
            allowPrivate: this.#account.allowPrivate,
            signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          }),
        signal,
      );
      if (answer.cut) throw refused(`Akeneo's answer is longer than ${maxTextLength} characters`);
      if (answer.status === 429) this.#hold(retryAfterMs(answer.retryAfter));
      return answer;
    } catch (error) {
      if (error instanceof PushEnded) throw error;
      if (error instanceof AddressRefused) throw refused(`AKENEO_URL: ${error.message}`);
      throw tryAgain(`Akeneo did not answer: ${errorText(error)}`);
    }
  }

  #hold(ms: number | null): void {
    this.#heldUntil = Math.max(this.#heldUntil, Date.now() + Math.min(ms ?? 0, maxHoldMs));
  }
}

interface Sending {
  method: "GET" | "POST" | "PATCH";
  path: string;
  body?: object | undefined;
  headers: Record<string, string>;
}
