/** Pages of the console. */
export function recordUrl(siteUrl: string, notificationId: string): string {
  return new URL(`/notifications/${notificationId}`, siteUrl).href;
}

export function boardUrl(siteUrl: string): string {
  return new URL("/moderation", siteUrl).href;
}

export function inboxUrl(siteUrl: string): string {
  return new URL("/", siteUrl).href;
}
