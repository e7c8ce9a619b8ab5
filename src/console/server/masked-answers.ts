import { createMiddleware } from "hono/factory";
import type { Config } from "../../config.types.ts";
import { masked, maskedValue } from "../../lib/shared/masked.ts";
import type { Joined } from "./context.ts";
import { imageSources } from "./image-sources.ts";
import { type Seal, sealOf } from "./seal.ts";

/**
 * Masks secrets and addresses in every JSON response, regardless of the route. Only the member that a route declares as `exact` is not
 * masked. Downloads do their own masking, because they can be streams.
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

/** Masked, except for picture URLs: see `shownAddress`. */
export function shownValue(value: unknown, config: Config): unknown {
  return maskedValue(withAddresses(value, { config, seal: sealOf(config) }));
}

interface Showing {
  config: Config;
  seal: Seal;
}

/** The fields that the page loads or links as pictures. */
const pictureNames = new Set(["thumbnail", "small", "url", "secureUrl"]);
/** Small pictures next to the link to the full one: omitted rather than replaced by a broken URL. */
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
 * The URL of a picture whose public id contains an e-mail address is replaced by `/api/picture` with an encrypted parameter, because a
 * masked URL would be broken. A token in the query stays masked.
 */
function shownAddress(url: string, name: string, { config, seal }: Showing): string | null {
  if (masked(url) === url || !URL.canParse(url)) return url;
  const [path = ""] = url.split(/[?#]/);
  const isMaskedForItsPath = masked(path) !== path && masked(url) === masked(path) + url.slice(path.length);
  if (!isMaskedForItsPath || !isPicture(new URL(url), config)) return smallNames.has(name) ? null : url;
  return `/api/picture?of=${seal.close(url)}`;
}

/** Whether the page and mail previews may load a picture from this host. Prevents redirects to arbitrary hosts. */
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
