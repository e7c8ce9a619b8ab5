import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import consoleApi from "../../netlify/functions/console-api.ts";
import notification from "../../netlify/functions/notification.ts";
import publicHook from "../../netlify/functions/public.ts";
import signIn from "../../netlify/functions/sign-in.ts";
import { serve } from "../../src/local/server.ts";
import { inFlight } from "../support/in-flight.ts";
import type { NetlifyFunctionHandler } from "../support/invoke.ts";

export interface ConsoleSite {
  origin: string;
  /** The API's requests that came, as `GET /api/…`. */
  requests: string[];
  /** Until no function runs: a page that was closed leaves those that it called. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const toml = readFileSync(fileURLToPath(new URL("../../netlify.toml", import.meta.url)), "utf8");

/** The page's rules in netlify.toml: paths that are answered with the document. */
export const pageRules = [...toml.matchAll(/^from = "([^"]+)"\nto = "\/index\.html"\nstatus = 200$/gm)].map(
  ([, from = ""]) => from,
);

/** The blocks of headers under a name; those of `context.dev` are put on by `netlify dev` after the others. */
function headerBlocks(name: string): { path: string; headers: [string, string][] }[] {
  const blocks = new RegExp(`^for = "([^"]+)"\\n\\[${name}\\.values\\]\\n((?:[\\w-]+ = ".*"\\n?)+)`, "gm");
  return [...toml.matchAll(blocks)].map(([, path = "", lines = ""]) => ({
    path,
    headers: [...lines.matchAll(/^([\w-]+) = "(.*)"$/gm)].map(
      ([, header = "", value = ""]): [string, string] => [header, value],
    ),
  }));
}

const headersOf = (name: string) => (path: string) =>
  headerBlocks(name).flatMap(({ path: pattern, headers }) =>
    pattern === path || (pattern.endsWith("/*") && path.startsWith(pattern.slice(0, -1))) ? headers : [],
  );

/** What netlify.toml puts on the file at a path, deployed. */
export const fileHeaders = headersOf("headers");
/** What `netlify dev` puts in its place. */
export const devHeaders = headersOf("context.dev.headers");

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/**
 * The site as Netlify serves it, as far as the page needs it: the built files with the headers and rules of netlify.toml, and
 * the functions by their paths. `compressed`: the files as a browser gets them, which takes some time.
 */
export async function consoleSite(dist: string, { compressed = false } = {}): Promise<ConsoleSite> {
  const requests: string[] = [];
  const { track, idle } = inFlight();
  const server = await serve({
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (pathname.startsWith("/api/")) requests.push(`${request.method} ${pathname}${search}`);
      const handler = functionAt(pathname);
      if (handler)
        return await track(
          handler(request, { deploy: { context: "production" }, ip: "203.0.113.1", waitUntil: track }),
        );
      const answer = await file(dist, pathname);
      return compressed ? await brotli(answer) : answer;
    },
  });
  return {
    origin: server.url,
    requests,
    idle,
    async close() {
      await server.close();
      await idle();
    },
  };
}

/** Netlify compresses files, and keeps them compressed. */
async function brotli(answer: Response): Promise<Response> {
  const headers = new Headers(answer.headers);
  headers.set("content-encoding", "br");
  const bytes = Buffer.from(await answer.arrayBuffer());
  const known = compressedFiles.get(bytes.toString("latin1")) ?? brotliCompressSync(bytes);
  compressedFiles.set(bytes.toString("latin1"), known);
  return new Response(new Uint8Array(known), { status: answer.status, headers });
}

const compressedFiles = new Map<string, Buffer>();

function functionAt(path: string): NetlifyFunctionHandler | undefined {
  if (path === "/api/sign-in") return signIn;
  if (path.startsWith("/api/")) return consoleApi;
  if (path === "/webhooks/public") return publicHook;
  return path === "/webhooks" ? notification : undefined;
}

function isPage(path: string): boolean {
  return pageRules.some((rule) => new RegExp(`^${rule.replace(/:\w+/g, "[^/]+")}$`).test(path));
}

async function file(dist: string, path: string): Promise<Response> {
  try {
    const name = path === "/" || isPage(path) ? "/index.html" : path;
    const type = types[extname(name)] ?? "application/octet-stream";
    const headers = new Headers([["content-type", type], ...fileHeaders(path)]);
    // The tests' pictures come from this machine, which only the policy of `netlify dev` allows.
    for (const [header, value] of devHeaders(path)) headers.set(header, value);
    return new Response(await readFile(join(dist, name)), { headers });
  } catch {
    return new Response("not found", { status: 404 });
  }
}
