/**
 * `node run-examples.ts <folder>` sends the requests on its input to each example of docs/import.md in the folder, and prints the
 * answers. Run by test/package.test.ts with several versions of Node, so it uses only Node. Node 20 does not read TypeScript: for it,
 * this file and the examples are translated first, and it is called as `node run-examples.js <folder> js`.
 */

import { once } from "node:events";
import type { Server } from "node:http";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

export interface ExampleRequest {
  headers: Record<string, string>;
  base64: string;
}

export type ExampleAnswers = Record<string, { status: number; text: string }[]>;

type Send = (request: ExampleRequest) => Promise<{ status: number; text: string }>;

const folder = pathToFileURL(`${process.argv[2]}/`);
const extension = process.argv[3] ?? "ts";
const load = async (name: string) => await import(new URL(name.replace(/ts$/, extension), folder).href);

const initOf = ({ headers, base64 }: ExampleRequest) => ({
  method: "POST",
  headers,
  body: Buffer.from(base64, "base64"),
});
const read = async (response: Response) => ({ status: response.status, text: await response.text() });
const calls =
  (route: (request: Request) => Promise<Response>): Send =>
  async (request) =>
    read(await route(new Request("http://localhost/webhooks", initOf(request))));

const servers: Server[] = [];
async function listens(server: Server): Promise<Send> {
  servers.push(server);
  if (!server.listening) await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The example has no port");
  return async (request) => read(await fetch(`http://127.0.0.1:${address.port}/webhooks`, initOf(request)));
}

const hono = await load("hono.ts");
const lambda = await load("lambda.ts");
const examples: Record<string, Send> = {
  node: await listens((await load("node.ts")).server),
  express: await listens((await load("express.ts")).server),
  hono: calls(async (request) => await hono.app.fetch(request)),
  next: calls((await load("app/webhooks/route.ts")).POST),
  netlify: calls((await load("netlify/functions/webhooks.ts")).default),
  async lambda({ headers, base64 }) {
    const answer = await lambda.handler({ headers, body: base64, isBase64Encoded: true });
    return { status: answer.statusCode, text: answer.body };
  },
};

const requests: ExampleRequest[] = JSON.parse(await text(process.stdin));
const answers: ExampleAnswers = {};
for (const [name, send] of Object.entries(examples)) {
  answers[name] = [];
  for (const request of requests) answers[name].push(await send(request));
}
process.stdout.write(JSON.stringify(answers));
for (const server of servers) server.closeAllConnections();
for (const server of servers) server.close();
