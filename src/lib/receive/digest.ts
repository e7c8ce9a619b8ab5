import { createHash, hash } from "node:crypto";

export type Algorithm = "sha1" | "sha256";

// Reused, because new buffers cost as much as hashing half a kilobyte (docs/bench.md). No call waits, so none sees another's bytes.
const message = Buffer.alloc(16 * 1_024);
const digits = { sha1: Buffer.alloc(40), sha256: Buffer.alloc(64) };

/**
 * The hex digits of `createHash(algorithm).update(body).update(suffix).digest("hex")`, as bytes that the next call overwrites.
 * Up to 16 KB, which most notifications are, one call over a copy is faster than two updates; above, the copy costs more.
 */
export function digest(algorithm: Algorithm, body: Uint8Array, suffix: string): Buffer {
  digits[algorithm].write(digestHex(algorithm, body, suffix), "latin1");
  return digits[algorithm];
}

function digestHex(algorithm: Algorithm, body: Uint8Array, suffix: string): string {
  const maxBytes = body.byteLength + 3 * suffix.length; // UTF-8 takes up to three bytes per UTF-16 unit.
  if (maxBytes > message.byteLength) return createHash(algorithm).update(body).update(suffix).digest("hex");
  message.set(body);
  const end = body.byteLength + message.write(suffix, body.byteLength);
  return hash(algorithm, message.subarray(0, end), "hex");
}
