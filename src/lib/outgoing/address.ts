import { BlockList, type IPVersion, isIPv4 } from "node:net";

// Two lists: a combined one would match IPv4 addresses as IPv4-mapped IPv6 addresses.
const blockedV4 = list("ipv4", [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
]);
// Only 2000::/3 is allocated to hosts; within it, ranges that embed IPv4 addresses or are reserved for documentation are blocked.
const blockedV6 = list("ipv6", [
  "::/3",
  "4000::/2",
  "8000::/1",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
]);

/** Whether an address is on the public internet, and not on this machine, a private network, or a cloud metadata service. */
export function isPublicAddress(address: string): boolean {
  return isIPv4(address) ? !blockedV4.check(address, "ipv4") : !blockedV6.check(address, "ipv6");
}

/** The first of a host's addresses that is not public; undefined: all are. */
export const privateOf = (addresses: readonly { address: string }[]): string | undefined =>
  addresses.find(({ address }) => !isPublicAddress(address))?.address;

function list(family: IPVersion, ranges: readonly string[]): BlockList {
  const blocked = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix] = range.split("/");
    blocked.addSubnet(network, Number(prefix), family);
  }
  return blocked;
}
