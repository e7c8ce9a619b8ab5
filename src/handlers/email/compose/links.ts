/** Pages of the console (src/console/page/paths.ts). */
export function recordUrl(siteUrl: string, notificationId: string): string {
  return new URL(`/console/notifications/${notificationId}`, siteUrl).href;
}

export function boardUrl(siteUrl: string): string {
  return new URL("/console/moderation", siteUrl).href;
}

export function inboxUrl(siteUrl: string): string {
  return new URL("/", siteUrl).href;
}

export function healthUrl(siteUrl: string): string {
  return new URL("/console/health", siteUrl).href;
}
