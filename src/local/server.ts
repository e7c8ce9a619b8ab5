import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

/** Answers a request; can throw `ConnectionReset` to end the connection without a response. */
export type Fetch = (request: Request) => Promise<Response>;

export interface Serving {
  /** Without a trailing slash. */
  url: string;
  port: number;
  /** Also closes open connections, so that a hanging request does not keep the process running. */
  close(): Promise<void>;
}

export class PortInUse extends Error {
  override name = "PortInUse";
  readonly port: number;
  constructor(port: number, options?: ErrorOptions) {
    super(`Port ${port} is in use by another program. Stop that program, or choose another port.`, options);
    this.port = port;
  }
}

/** Thrown by a `Fetch` to reset the connection. */
export class ConnectionReset extends Error {
  override name = "ConnectionReset";
}

/** Serves a `Fetch` function with node:http. Port 0 selects a free port. Rejects with `PortInUse`. */
export async function serve(options: { port: number; host?: string; fetch: Fetch }): Promise<Serving> {
  const host = options.host ?? "127.0.0.1";
  const listener = getRequestListener(
    async (request, { incoming }) => {
      try {
        return await options.fetch(request);
      } catch (error) {
        if (error instanceof ConnectionReset) incoming.socket.destroy();
        else console.error(error);
        return new Response("The local server failed; its log has the reason.\n", { status: 500 });
      }
    },
    { overrideGlobalObjects: false },
  );
  const server = createServer(listener);
  // Clients close the connections that they no longer use. If the server did so too, it would reset one whose next request is on its way.
  server.keepAliveTimeout = 0;
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

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("The server has no TCP address.");
  return address;
}
