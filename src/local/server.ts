import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";

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
