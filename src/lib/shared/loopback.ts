const hosts = new Set(["localhost", "[::1]"]);

/** Whether a URL's host is this machine. For URLs as `new URL` reads them: it writes out 127.1, 0x7f.1 and the like. */
export function isLoopback({ hostname }: URL): boolean {
  return hosts.has(hostname) || /^127(\.\d{1,3}){3}$/.test(hostname);
}
