import { createServer, type IncomingHttpHeaders } from "node:http";

export interface Arrival {
  path: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** The body read as JSON. */
  json: { notification_type: string; [key: string]: unknown };
}

/** An HTTP server of its own, independent of what it tests. */
export interface Receiver {
  url: string;
  /** What arrived since the last call. */
  take(): Arrival[];
  /** Answers for the next requests; 200 when used up. A promise holds the answer back. */
  answers: (number | Promise<number>)[];
  /** The most requests that had arrived and waited for an answer at once. */
  maxOpen(): number;
  close(): Promise<void>;
}

export async function receiver(): Promise<Receiver> {
  let arrivals: Arrival[] = [];
  const answers: (number | Promise<number>)[] = [];
  let open = 0;
  let maxOpen = 0;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString("utf8");
    const { url: path = "", method = "", headers } = request;
    arrivals.push({ path, method, headers, body, json: JSON.parse(body) });
    open += 1;
    maxOpen = Math.max(maxOpen, open);
    response.statusCode = (await answers.shift()) ?? 200;
    open -= 1;
    response.end();
  });
  server.keepAliveTimeout = 0; // As in src/local/server.ts.
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    answers,
    take() {
      const taken = arrivals;
      arrivals = [];
      return taken;
    },
    maxOpen: () => maxOpen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
