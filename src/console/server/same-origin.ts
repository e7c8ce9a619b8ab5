/**
 * Whether a request that changes something comes from our own page. A browser says where it comes from; what is no
 * browser says neither, and then a cookie counts for nothing (see `accessOf`).
 */
export function comesFrom(request: Request): "own-page" | "elsewhere" | "no-browser" {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" ? "own-page" : "elsewhere";
  const origin = request.headers.get("origin");
  if (origin === null) return "no-browser";
  return origin === new URL(request.url).origin ? "own-page" : "elsewhere";
}
