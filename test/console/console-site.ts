import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import consoleApi from "../../netlify/functions/console-api.ts";
import notification from "../../netlify/functions/notification.ts";
import signIn from "../../netlify/functions/sign-in.ts";
import type { NetlifyFunctionHandler } from "../support/invoke.ts";

export interface ConsoleSite {
  origin: string;
  /** The API's requests that came, as `GET /api/…`. */
  requests: string[];
  close(): Promise<void>;
}

const toml = readFileSync(fileURLToPath(new URL("../../netlify.toml", import.meta.url)), "utf8");

/** The page's rules in netlify.toml, as patterns of paths. */
export const pageRules = [...toml.matchAll(/^from = "([^"]+)"\nto = "\/index\.html"\nstatus = 200$/gm)].map(
  ([, from = ""]) => from,
);

/** What netlify.toml puts on every file. */
const fileHeaders = Object.fromEntries(
  [
    ...(/for = "\/\*"\n\[headers\.values\]\n([\s\S]*?)(?:\n\n|$)/.exec(toml)?.[1] ?? "").matchAll(
      /^([\w-]+) = "(.*)"$/gm,
    ),
  ].map(([, name = "", value = ""]) => [name.toLowerCase(), value]),
);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/**
 * The site as Netlify serves it, as far as the page needs it: the built files with the headers and rules of netlify.toml, and
 * the functions by their paths. `pictures` answers what is under /demo/, as Cloudinary would.
 */
export async function consoleSite(
  dist: string,
  pictures: (path: string) => Promise<Response> = async () => new Response(null, { status: 404 }),
): Promise<ConsoleSite> {
  const requests: string[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const request = await requestOf(incoming);
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/api/")) requests.push(`${request.method} ${pathname}${search}`);
    const response = await answer(request, pathname);
    await send(response, outgoing);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listening socket has no port");

  async function answer(request: Request, pathname: string): Promise<Response> {
    const handler = functionAt(pathname);
    if (handler) return await handler(request, { deploy: { context: "production" }, waitUntil: () => {} });
    if (pathname.startsWith("/demo/")) return await pictures(pathname);
    return await file(pathname === "/" || isPage(pathname) ? "/index.html" : pathname);
  }

  async function file(path: string): Promise<Response> {
    try {
      const bytes = await readFile(join(dist, path));
      return new Response(bytes, {
        headers: { "content-type": types[extname(path)] ?? "application/octet-stream", ...fileHeaders },
      });
    } catch {
      return new Response("not found", { status: 404 });
    }
  }

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

function functionAt(path: string): NetlifyFunctionHandler | undefined {
  if (path === "/api/sign-in") return signIn;
  if (path.startsWith("/api/")) return consoleApi;
  return path === "/webhooks" ? notification : undefined;
}

function isPage(path: string): boolean {
  return pageRules.some((rule) => new RegExp(`^${rule.replace(/:\w+/g, "[^/]+")}$`).test(path));
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
  const method = incoming.method ?? "GET";
  return new Request(new URL(incoming.url ?? "/", `http://${incoming.headers.host}`), {
    method,
    headers,
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  });
}

async function send(response: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(response.status, [...response.headers].flat());
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
