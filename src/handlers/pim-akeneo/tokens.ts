import type { Answer } from "../../lib/outgoing/request.ts";
import { rejectOnAbort } from "../../lib/shared/deadline.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import type { AkeneoAccount } from "./account.ts";
import { isTransient, PushEnded, reasonOf, tryAgain } from "./failure.ts";
import { json, tokenSchema } from "./resources.ts";

interface Token {
  access: string;
  refresh: string | null;
  /** By this machine's clock. */
  expiresAt: number;
}

/** Sends a grant to the token endpoint. */
export type AskForToken = (grant: Grant, headers: Record<string, string>) => Promise<Answer>;

type Grant =
  | { grant_type: "password"; username: string; password: string }
  | { grant_type: "client_credentials" }
  | { grant_type: "refresh_token"; refresh_token: string };

/** A token is replaced when a tenth of its time is left, so that it does not expire on the way. */
const usedShare = 0.9;

/** Keeps the access token, and replaces it: by its refresh token first, and by a new grant if Akeneo refuses that. */
export class Tokens {
  readonly #grant: Grant;
  readonly #headers: Record<string, string>;
  readonly #ask: AskForToken;
  #token: Token | null = null;
  /** Deliveries that need a token at the same time wait for the same one. */
  #pending: Promise<Token> | null = null;

  constructor({ clientId, secret, user }: AkeneoAccount, ask: AskForToken) {
    this.#grant = user
      ? { grant_type: "password", username: user.name, password: user.password }
      : { grant_type: "client_credentials" };
    this.#headers = { authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}` };
    this.#ask = ask;
  }

  async current(signal: AbortSignal): Promise<string> {
    const token = this.#token;
    return token && token.expiresAt > Date.now() ? token.access : await this.#renew(signal);
  }

  /** Another token than this one, which Akeneo rejected. */
  async replace(rejected: string, signal: AbortSignal): Promise<string> {
    const token = this.#token;
    return token && token.access !== rejected ? token.access : await this.#renew(signal);
  }

  async #renew(signal: AbortSignal): Promise<string> {
    this.#pending ??= this.#next().finally(() => {
      this.#pending = null;
    });
    // A delivery that reaches its deadline must not take the token from the others.
    const { access } = await Promise.race([this.#pending, rejectOnAbort(signal)]);
    return access;
  }

  async #next(): Promise<Token> {
    const refresh = this.#token?.refresh ?? null;
    if (refresh !== null) {
      const answer = await this.#request({ grant_type: "refresh_token", refresh_token: refresh });
      if (isSuccess(answer)) return this.#keep(answer);
      this.#token = null;
    }
    const answer = await this.#request(this.#grant);
    if (isSuccess(answer)) return this.#keep(answer);
    // Every product would fail in the same way, so the connector waits for a person, and loses nothing.
    throw new PushEnded({
      kind: "gone",
      reason: `Akeneo answered ${answer.status} to the request for a token${reasonOf(answer)}. Check AKENEO_URL, AKENEO_CLIENT_ID, AKENEO_SECRET, AKENEO_USERNAME and AKENEO_PASSWORD`,
    });
  }

  async #request(grant: Grant): Promise<Answer> {
    const answer = await this.#ask(grant, this.#headers);
    if (isTransient(answer))
      throw tryAgain(
        `Akeneo answered ${answer.status} to the request for a token${reasonOf(answer)}`,
        retryAfterMs(answer.retryAfter),
      );
    return answer;
  }

  #keep({ status, text }: Answer): Token {
    const { success, data } = tokenSchema.safeParse(json(text));
    if (!success) throw tryAgain(`Akeneo answered ${status} to the request for a token, but without a token`);
    this.#token = {
      access: data.access_token,
      refresh: data.refresh_token ?? null,
      expiresAt: Date.now() + data.expires_in * 1_000 * usedShare,
    };
    return this.#token;
  }
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
