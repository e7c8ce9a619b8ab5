/**
 * Whether a modifying request comes from our own page. Browsers send the origin; other clients send neither header, and their cookies
 * are then ignored (see `accessOf`).
 */
export function comesFrom(request: Request): "own-page" | "elsewhere" | "no-browser" {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin" ? "own-page" : "elsewhere";
  const origin = request.headers.get("origin");
  if (origin === null) return "no-browser";
  return origin === new URL(request.url).origin ? "own-page" : "elsewhere";
}
