import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";

export interface Site {
  origin: string;
  /** The requests that came, in order. */
  requests: { method: string; path: string; headers: Record<string, string> }[];
  close(): Promise<void>;
}

/** A site on loopback that takes nudges and answers them with `status`. `work`: the function that a nudge starts, as the platform does. */
export async function site(status = 202, work?: (nudge: Request) => Promise<unknown>): Promise<Site> {
  const requests: Site["requests"] = [];
  const server = createServer((request, response) => {
    const { method = "", url = "" } = request;
    requests.push({ method, path: url, headers: headersOf(request) });
    response.writeHead(status).end();
    work?.(new Request(`http://${request.headers.host}${url}`, { method, headers: headersOf(request) }));
  }).listen(0, "127.0.0.1");
  server.keepAliveTimeout = 0; // As in src/local/server.ts.
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listening socket has no port");
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
}
