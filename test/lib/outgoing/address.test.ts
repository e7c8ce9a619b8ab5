import { expect, it } from "vitest";
import { isPublicAddress, privateOf } from "../../../src/lib/outgoing/address.ts";

it.each([
  "8.8.8.8",
  "1.1.1.1",
  "172.15.255.255",
  "172.32.0.1",
  "100.63.255.255",
  "192.167.1.1",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::1",
])("%s is a public address", (address) => expect(isPublicAddress(address)).toBe(true));

it.each([
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.255",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.8",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:8.8.8.8",
  "64:ff9b::a00:1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "ff02::1",
  "2001:db8::1",
  "2002:7f00:1::",
])("%s is not", (address) => expect(isPublicAddress(address)).toBe(false));

it.each([
  [["8.8.8.8", "1.1.1.1"], undefined],
  [["10.1.2.3", "8.8.8.8"], "10.1.2.3"],
  [["8.8.8.8", "127.0.0.1"], "127.0.0.1"],
  [["8.8.8.8", "2606:4700::1111", "::1"], "::1"],
])("of a host with %j, %s is refused", (addresses, refused) =>
  expect(privateOf(addresses.map((address) => ({ address })))).toBe(refused),
);
