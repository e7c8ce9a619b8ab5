/** The connection that a team created in Akeneo, and where Akeneo is. */
export interface AkeneoAccount {
  /** Without a slash at the end. */
  url: string;
  clientId: string;
  secret: string;
  /** null: the client's own credentials are enough (the grant `client_credentials`). */
  user: { name: string; password: string } | null;
  /** Allows loopback, private networks and http, for local use. */
  allowPrivate: boolean;
}
