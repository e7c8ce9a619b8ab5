const hosts = new Set(["localhost", "[::1]"]);

/** Whether a URL's host is this machine. Expects a host from `new URL`, which normalises forms such as 127.1 and 0x7f.1. */
export function isLoopback({ hostname }: URL): boolean {
  return hosts.has(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname);
}
