import { createHash, hash } from "node:crypto";

export type Algorithm = "sha1" | "sha256";

// Reused, because allocating buffers takes as long as hashing half a kilobyte (docs/bench.md). Calls are synchronous, so they cannot interfere.
const message = Buffer.alloc(16 * 1_024);
const digits = { sha1: Buffer.alloc(40), sha256: Buffer.alloc(64) };
const received = { sha1: Buffer.alloc(40), sha256: Buffer.alloc(64) };

/** The hex digits of a received signature, which is as long as its algorithm's, as bytes that the next call overwrites. */
export function signatureBytes(algorithm: Algorithm, signature: string): Buffer {
  received[algorithm].write(signature, "latin1");
  return received[algorithm];
}

/**
 * The hex digits of `createHash(algorithm).update(body).update(suffix).digest("hex")`, as bytes that the next call overwrites.
 * Up to 16 KB, which covers most notifications, one call on a copy is faster than two updates; for larger bodies the copy is slower.
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
