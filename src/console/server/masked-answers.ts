import { createMiddleware } from "hono/factory";
import type { Config } from "../../config.types.ts";
import { masked, maskedValue } from "../../lib/shared/masked.ts";
import type { Joined } from "./context.ts";
import { imageSources } from "./image-sources.ts";
import { type Seal, sealOf } from "./seal.ts";

/**
 * Every answer that is JSON goes through here on its way out, whatever its route put into it: secrets and addresses are masked. Only
 * the member that a route names as `exact` stays as it is. Downloads mask themselves, since they may be streams.
 */
export const maskedAnswers = createMiddleware<Joined>(async (c, next) => {
  await next();
  const { headers, status } = c.res;
  const isJson = headers.get("content-type")?.startsWith("application/json") ?? false;
  if (!isJson || headers.has("content-disposition")) return;
  const value: unknown = await c.res.json();
  const exact = c.get("exact");
  const kept =
    exact !== undefined && typeof value === "object" && value !== null && Object.hasOwn(value, exact)
      ? { [exact]: Reflect.get(value, exact) }
      : {};
  const shown = shownValue(value, c.env.config);
  c.res = undefined;
  c.res = Response.json(Object.keys(kept).length > 0 ? Object.assign({}, shown, kept) : shown, {
    status,
    headers: withoutLength(headers),
  });
});

/** Masked, but pictures stay in sight: see `shownAddress`. */
export function shownValue(value: unknown, config: Config): unknown {
  return maskedValue(withAddresses(value, { config, seal: sealOf(config) }));
}

interface Showing {
  config: Config;
  seal: Seal;
}

/** What the page loads as a picture, or links to as one. */
const pictureNames = new Set(["thumbnail", "small", "url", "secureUrl"]);
/** Pictures beside the link to the whole one: none is better than an address that leads nowhere. */
const smallNames = new Set(["thumbnail", "small"]);

function withAddresses(value: unknown, showing: Showing): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => withAddresses(item, showing));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]: [string, unknown]) => [
      name,
      typeof part === "string" && pictureNames.has(name)
        ? shownAddress(part, name, showing)
        : withAddresses(part, showing),
    ]),
  );
}

/**
 * The address of a picture whose public id holds an e-mail address leads through `/api/picture`, where only this receiver can read
 * it; masked, it would lead nowhere. A token in a query stays masked: it is not for whoever looks.
 */
function shownAddress(url: string, name: string, { config, seal }: Showing): string | null {
  if (masked(url) === url || !URL.canParse(url)) return url;
  const [path = ""] = url.split(/[?#]/);
  const isMaskedForItsPath = masked(path) !== path && masked(url) === masked(path) + url.slice(path.length);
  if (!isMaskedForItsPath || !isPicture(new URL(url), config)) return smallNames.has(name) ? null : url;
  return `/api/picture?of=${seal.close(url)}`;
}

/** From where the page and the preview of a mail may load pictures, and not an address of anybody's choice under ours. */
export function isPicture({ protocol, host, hostname, username, password }: URL, config: Config): boolean {
  if (username !== "" || password !== "") return false;
  return imageSources(config).some((source) => {
    const [scheme = "", name = ""] = source.split("//");
    if (scheme !== protocol) return false;
    if (name.startsWith("*.")) return hostname.endsWith(name.slice(1));
    return name === host || name === `${hostname}:*`;
  });
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  kept.delete("content-length");
  return kept;
}
