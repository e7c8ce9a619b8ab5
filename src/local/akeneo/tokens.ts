import { randomBytes } from "node:crypto";
import type { z } from "zod";
import { AkeneoError } from "./answers.ts";
import type { tokenBody } from "./operations.ts";

export interface Connection {
  clientId: string;
  secret: string;
  username: string;
  password: string;
}

const lifeMs = 3_600_000;
const refreshLifeMs = 14 * 24 * lifeMs;

/** The token endpoint. Tokens are kept in memory: a restart invalidates all of them. */
export class LocalTokens {
  readonly #connection: Connection;
  readonly #now: () => number;
  readonly #access = new Map<string, number>();
  readonly #refresh = new Map<string, number>();

  constructor(connection: Connection, now: () => number) {
    this.#connection = connection;
    this.#now = now;
  }

  /** Answers a grant, or throws Akeneo's error. */
  grant(grant: z.infer<typeof tokenBody>, authorization: string | null): Response {
    const { clientId, secret, username, password } = this.#connection;
    if (authorization !== `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`)
      throw new AkeneoError(
        422,
        'Parameter "client_id" is missing or does not match any client, or secret is invalid',
      );
    const isPassword = grant.grant_type === "password";
    if (isPassword && (grant.username !== username || grant.password !== password))
      throw new AkeneoError(422, "No user found for the given username and password");
    if (grant.grant_type === "refresh_token") this.#spend(grant.refresh_token);
    const access = randomBytes(32).toString("hex");
    const refresh = grant.grant_type === "client_credentials" ? null : randomBytes(32).toString("hex");
    this.#access.set(access, this.#now() + lifeMs);
    if (refresh !== null) this.#refresh.set(refresh, this.#now() + refreshLifeMs);
    return Response.json({
      access_token: access,
      expires_in: lifeMs / 1_000,
      token_type: "bearer",
      scope: null,
      ...(refresh !== null && { refresh_token: refresh }),
    });
  }

  /** Throws 401 unless the header has a valid token. */
  require(authorization: string | null): void {
    const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
    const until = token === undefined ? undefined : this.#access.get(token);
    if (token === undefined) throw new AkeneoError(401, "Authentication is required");
    if (until === undefined) throw new AkeneoError(401, "The access token provided is invalid.");
    if (until <= this.#now()) throw new AkeneoError(401, "The access token provided has expired.");
  }

  /** Simulates the expiry of all tokens. */
  expire({ refresh = false } = {}): void {
    for (const token of this.#access.keys()) this.#access.set(token, 0);
    if (refresh) for (const token of this.#refresh.keys()) this.#refresh.set(token, 0);
  }

  /** A refresh token works once. */
  #spend(token: string): void {
    const until = this.#refresh.get(token);
    this.#refresh.delete(token);
    if (until === undefined) throw new AkeneoError(422, "Invalid refresh token");
    if (until <= this.#now()) throw new AkeneoError(422, "Refresh token has expired");
  }
}
