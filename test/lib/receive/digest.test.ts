import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { type Algorithm, digest, signatureBytes } from "../../../src/lib/receive/digest.ts";
import { fc } from "../../support/fast-check.ts";

/** The rule as Cloudinary documents it. */
function plain(algorithm: Algorithm, body: Uint8Array, suffix: string): string {
  return createHash(algorithm)
    .update(Buffer.concat([body, Buffer.from(suffix)]))
    .digest("hex");
}

const algorithms = fc.constantFrom("sha1" as const, "sha256" as const);

it("equals the plain digest of body and suffix, one call after the other", () => {
  const body = fc.uint8Array({ maxLength: 400 });
  const suffix = fc.string({ unit: "grapheme", maxLength: 60 });
  fc.assert(
    fc.property(algorithms, body, suffix, (algorithm, body, suffix) => {
      expect(digest(algorithm, body, suffix).toString("latin1")).toBe(plain(algorithm, body, suffix));
    }),
  );
});

it.each([16 * 1_024 - 150, 16 * 1_024 - 149, 16 * 1_024 - 50, 16 * 1_024, 16 * 1_024 + 1, 100_000])(
  "equals the plain digest for a body of %i bytes, with a suffix of one to three bytes per character",
  (length) => {
    const body = Buffer.alloc(length, "körper");
    for (const character of ["s", "é", "€"]) {
      const suffix = character.repeat(50);
      expect(digest("sha1", body, suffix).toString("latin1")).toBe(plain("sha1", body, suffix));
      expect(digest("sha256", body, suffix).toString("latin1")).toBe(plain("sha256", body, suffix));
    }
  },
);

it("a signature's bytes are its digits, one signature after the other", () => {
  const body = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(algorithms, body, (algorithm, body) => {
      const signature = plain(algorithm, body, "");
      expect(signatureBytes(algorithm, signature).toString("latin1")).toBe(signature);
    }),
  );
});
