import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import consoleApi from "../../netlify/functions/console-api.ts";
import notification from "../../netlify/functions/notification.ts";
import signIn from "../../netlify/functions/sign-in.ts";
import { serve } from "../../src/local/server.ts";
import type { NetlifyFunctionHandler } from "../support/invoke.ts";

export interface ConsoleSite {
  origin: string;
  /** The API's requests that came, as `GET /api/…`. */
  requests: string[];
  close(): Promise<void>;
}

const toml = readFileSync(fileURLToPath(new URL("../../netlify.toml", import.meta.url)), "utf8");

/** The page's rules in netlify.toml: paths that are answered with the document. */
export const pageRules = [...toml.matchAll(/^from = "([^"]+)"\nto = "\/index\.html"\nstatus = 200$/gm)].map(
  ([, from = ""]) => from,
);

const headerLines = /for = "\/\*"\n\[headers\.values\]\n([\s\S]*?)(?:\n\n|$)/.exec(toml)?.[1] ?? "";

/** What netlify.toml puts on every file. */
export const fileHeaders = Object.fromEntries(
  [...headerLines.matchAll(/^([\w-]+) = "(.*)"$/gm)].map(([, name = "", value = ""]) => [
    name.toLowerCase(),
    value,
  ]),
);

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/**
 * The site as Netlify serves it, as far as the page needs it: the built files with the headers and rules of netlify.toml, and
 * the functions by their paths.
 */
export async function consoleSite(dist: string): Promise<ConsoleSite> {
  const requests: string[] = [];
  const server = await serve({
    port: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      if (pathname.startsWith("/api/")) requests.push(`${request.method} ${pathname}${search}`);
      const handler = functionAt(pathname);
      if (handler) return await handler(request, { deploy: { context: "production" }, waitUntil: () => {} });
      return await file(dist, pathname === "/" || isPage(pathname) ? "/index.html" : pathname);
    },
  });
  return { origin: server.url, requests, close: () => server.close() };
}

function functionAt(path: string): NetlifyFunctionHandler | undefined {
  if (path === "/api/sign-in") return signIn;
  if (path.startsWith("/api/")) return consoleApi;
  return path === "/webhooks" ? notification : undefined;
}

function isPage(path: string): boolean {
  return pageRules.some((rule) => new RegExp(`^${rule.replace(/:\w+/g, "[^/]+")}$`).test(path));
}

async function file(dist: string, path: string): Promise<Response> {
  try {
    const type = types[extname(path)] ?? "application/octet-stream";
    return new Response(await readFile(join(dist, path)), {
      headers: { "content-type": type, ...fileHeaders },
    });
  } catch {
    return new Response("not found", { status: 404 });
  }
}
