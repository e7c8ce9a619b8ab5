import { createServer, type IncomingHttpHeaders, type Server } from "node:http";

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Answering {
  status: number;
  headers?: Record<string, string>;
  text?: string;
  /** Never answers. */
  hang?: boolean;
}

/** Somebody's own endpoint: keeps what it gets and answers as told. */
export interface Receiver {
  url: string;
  received: Received[];
  answering: Answering;
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { answering } = made;
      made.received.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      if (answering.hang) return;
      response.writeHead(answering.status, answering.headers).end(answering.text);
    });
  });
  server.keepAliveTimeout = 0; // As in src/local/server.ts.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const made: Receiver = {
    url: `http://127.0.0.1:${port}/products`,
    received: [],
    answering: { status: 200 },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return made;
}
