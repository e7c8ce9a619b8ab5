import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Answers one request; may throw `ConnectionReset` to end the connection without an answer. */
export type Fetch = (request: Request) => Promise<Response>;

export interface Serving {
  /** Without a slash at the end. */
  url: string;
  port: number;
  /** Ends open connections too, so that a hanging request does not hold the process. */
  close(): Promise<void>;
}

export class PortInUse extends Error {
  override name = "PortInUse";
  readonly port: number;
  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} is taken by another program. Stop that one, or choose another port.`, options);
    this.port = port;
  }
}

/** Thrown by a `Fetch` that wants the caller to see a broken connection. */
export class ConnectionReset extends Error {
  override name = "ConnectionReset";
}

/** Turns node:http into `Request` in, `Response` out. Port 0 takes a free one. Rejects with `PortInUse`. */
export async function serve(options: { port: number; host?: string; fetch: Fetch }): Promise<Serving> {
  const host = options.host ?? "127.0.0.1";
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing, options.fetch).catch((error: unknown) => {
      if (!(error instanceof ConnectionReset) && !outgoing.destroyed) console.error(error);
      outgoing.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortInUse(options.port, { cause: error }) : error);
    });
    server.listen(options.port, host, resolve);
  });
  const { port } = addressOf(server.address());
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(incoming: IncomingMessage, outgoing: ServerResponse, fetch: Fetch): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const response = await fetch(requestOf(incoming, gone.signal)).catch((error: unknown) => {
    if (error instanceof ConnectionReset) throw error;
    console.error(error);
    return new Response("The local server failed; its log has the reason.\n", { status: 500 });
  });
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.appendHeader(name, value);
  if (response.body === null || incoming.method === "HEAD") outgoing.end();
  else await pipeline(Readable.fromWeb(response.body), outgoing);
}

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  // Not `new URL(path, base)`: with the path `//name/x` the host would be that name.
  const path = incoming.url?.startsWith("/") ? incoming.url : "/";
  return new Request(new URL(`http://${incoming.headers.host ?? "127.0.0.1"}${path}`), {
    method,
    headers,
    signal,
    ...(hasBody ? { body: Readable.toWeb(incoming), duplex: "half" } : {}),
  });
}

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("The server has no TCP address.");
  return address;
}
