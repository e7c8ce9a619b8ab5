import { connectionOptions, mayGoUnverified } from "../lib/database/connection.ts";
import { Client } from "../lib/database/pg.generated.js";
import type { Db } from "../lib/database/pool.ts";
import type { Connected } from "./context.ts";

const timeoutMs = 6_000;

/**
 * One connection of its own, with the rules of the receiver's pool: a certificate that cannot be verified is accepted where the
 * URL does not ask for verification. Rejects with the error of the database or the network.
 */
export async function connectDatabase(
  url: string,
  ca: string | null,
  unverified = false,
): Promise<Connected> {
  const options = connectionOptions(url, ca, unverified);
  const client = new Client({
    ...options,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  });
  client.on("error", () => undefined); // A connection that drops fails the next statement, which reports it.
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    if (unverified || !mayGoUnverified(error, url, ca)) throw error;
    return await connectDatabase(url, ca, true);
  }
  // Without a server that speaks TLS, pg refuses to connect with `ssl`.
  return { db: asDb(client), encrypted: options.ssl !== false, unverified };
}

/** One statement after another: checks that run side by side share the connection. */
function asDb(client: Client): Db {
  let last: Promise<unknown> = Promise.resolve();
  return {
    async query<R>(text: string, params: readonly unknown[] = []) {
      const send = () => client.query(text, [...params]);
      const sent = last.then(send, send);
      last = sent;
      const { rows, rowCount } = await sent;
      return { rows: rows as R[], rowCount: rowCount ?? 0 }; // The statement's own columns, as in the pool.
    },
    close: () => client.end(),
  };
}
