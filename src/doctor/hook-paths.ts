/** The addresses of the hooks (netlify/functions). */
export const hookPaths = [
  "/webhooks",
  "/webhooks/upload",
  "/webhooks/eager",
  "/webhooks/moderation",
  "/webhooks/delete",
  "/webhooks/public",
] as const;

/** For uploads by visitors: what arrives there claims no product until it is approved. */
export const publicPath = "/webhooks/public";

export function isHook(path: string): boolean {
  return hookPaths.some((one) => one === path.replace(/\/$/, ""));
}
