import { createHash } from "node:crypto";
import { v2 as cloudinary } from "cloudinary";
import { describe, expect, it } from "vitest";
import type { Secret } from "../../../src/config.types.ts";
import { type VerifyOptions, verify } from "../../../src/lib/receive/verify.ts";
import { fc } from "../../support/fast-check.ts";

const now = 1_760_000_000;
const body = '{"notification_type":"upload","public_id":"chair","price": 1.50}';
const secret: Secret = { name: "main", value: "k9-Zq_4hTnB2vWx7LmPd0RsYcEu", expiresAt: null, cloud: null };
const options: VerifyOptions = {
  secrets: [secret],
  algorithms: ["sha1", "sha256"],
  maxAgeSeconds: 7_200,
  maxAheadSeconds: 300,
  now: now * 1_000,
};

/** Cloudinary's rule written out: hex(HASH(body + timestamp + secret)). */
function sign(text: string, timestamp: string, value = secret.value, algorithm = "sha1"): string {
  return createHash(algorithm)
    .update(text + timestamp + value)
    .digest("hex");
}

function check(text: string, headers: Record<string, string>, changed: Partial<VerifyOptions> = {}) {
  return verify(Buffer.from(text), new Headers(headers), { ...options, ...changed });
}

function signed(timestamp: string | number, algorithm = "sha1"): Record<string, string> {
  return {
    "x-cld-timestamp": String(timestamp),
    "x-cld-signature": sign(body, String(timestamp), secret.value, algorithm),
  };
}

const accepted = { ok: true, secretName: "main" };

describe("external test vectors", () => {
  it.each([
    // https://cloudinary.com/documentation/notification_signatures
    [
      "S2 Cloudinary's documentation",
      "{public_id: 'sample'}",
      "1315060510",
      "abcd",
      "25f7e91709c858b97d688ce8da799dedb290d9ef",
    ],
    // cloudinary_npm, test/utils/utils_spec.js
    [
      "S2 the SDK's own test",
      '{"public_id":"117e5550-7bfa-11e4-80d7-f962166bd3be","version":1417727468}',
      "1417727468",
      "shhh",
      "bac927006d3ce039ef7632e2c03189348d02924a",
    ],
    [
      "S2 SHA-256 as the SDK makes it",
      '{"notification_type":"upload","public_id":"sample","version":1719310887}',
      "1719310887",
      "abcdefghijklmnopqrstuvwxyz1",
      "b7cb81bf04a3e88509a6d28e119209faf84d0e13681efc13392ef902d42a6d52",
    ],
  ])("%s verifies", (_name, text, timestamp, value, signature) => {
    const headers = { "x-cld-timestamp": timestamp, "x-cld-signature": signature };
    const changed = {
      secrets: [{ name: "main", value, expiresAt: null, cloud: null }],
      now: Number(timestamp) * 1_000,
    };
    expect(check(text, headers, changed)).toMatchObject(accepted);
    expect(check(text, headers, { ...changed, secrets: [secret] })).toEqual({
      ok: false,
      reason: "signature-mismatch",
    });
  });
});

describe("what is accepted", () => {
  it.each(["sha1", "sha256"])("S1 %s without being told which", (algorithm) => {
    expect(check(body, signed(now, algorithm))).toMatchObject({ ...accepted, algorithm, ageSeconds: 0 });
  });

  it("S3 the bytes as received, not as reserialised JSON", () => {
    expect(check(body, signed(now))).toMatchObject(accepted);
    const rewritten = JSON.stringify(JSON.parse(body));
    expect(rewritten).not.toBe(body);
    expect(check(rewritten, signed(now))).toEqual({ ok: false, reason: "signature-mismatch" });
  });

  it("S5 header names in any case", () => {
    const { "x-cld-timestamp": timestamp = "", "x-cld-signature": signature = "" } = signed(now);
    expect(check(body, { "X-CLD-TIMESTAMP": timestamp, "X-Cld-Signature": signature })).toMatchObject(
      accepted,
    );
  });

  it.each([7_199, 7_200, 0, -299, -300])("S7 a notification %i seconds old", (age) => {
    expect(check(body, signed(now - age))).toMatchObject({
      ...accepted,
      ageSeconds: age,
      signedAt: new Date((now - age) * 1_000),
    });
  });

  it("S11 either of two secrets during a rotation, and says which", () => {
    const old = {
      name: "old",
      value: "o1d-secret-that-is-rotated-out",
      expiresAt: now * 1_000, // Valid until this moment, and at it.
      cloud: null,
    };
    const headers = { "x-cld-timestamp": String(now), "x-cld-signature": sign(body, String(now), old.value) };
    expect(check(body, headers, { secrets: [secret, old] })).toMatchObject({ ok: true, secretName: "old" });
    expect(check(body, signed(now), { secrets: [old, secret] })).toMatchObject({
      ok: true,
      secretName: "main",
    });
  });

  it("every signature of the SDK, for any body and secret", () => {
    const secrets = fc.string({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        secrets,
        fc.constantFrom("sha1", "sha256"),
        (text, value, algorithm) => {
          const signature = cloudinary.utils.webhook_signature(text, now, {
            api_secret: value,
            signature_algorithm: algorithm,
          });
          const headers = { "x-cld-timestamp": String(now), "x-cld-signature": signature };
          expect(
            check(text, headers, { secrets: [{ name: "main", value, expiresAt: null, cloud: null }] }),
          ).toMatchObject(accepted);
        },
      ),
    );
  });

  it("S1 bodies just below and above the size at which the digest method changes", () => {
    for (const length of [16_383, 16_384, 16_385, 200_000]) {
      const long = "x".repeat(length);
      const headers = { "x-cld-timestamp": String(now), "x-cld-signature": sign(long, String(now)) };
      expect(check(long, headers)).toMatchObject(accepted);
      expect(check(`${long}x`, headers)).toEqual({ ok: false, reason: "signature-mismatch" });
    }
  });
});

describe("what is rejected", () => {
  it.each([7_201, 100_000, 315_360_000])("S7 a notification %i seconds old", (age) => {
    expect(check(body, signed(now - age))).toEqual({ ok: false, reason: "timestamp-too-old" });
  });

  it.each([301, 315_360_000])("S7 a notification from %i seconds ahead, which the SDK accepts", (ahead) => {
    expect(check(body, signed(now + ahead))).toEqual({ ok: false, reason: "timestamp-ahead" });
  });

  it.each([
    `${now}000`,
    `${now}.0`,
    "0x68e77c80",
    `+${now}`,
    "17 60000000",
    "1e9",
    "17600000001",
    "176000000",
    "abc",
    "0760000000",
    "١٧٦٠٠٠٠٠٠٠",
  ])("S8 the timestamp %s", (timestamp) => {
    const encoded = Buffer.from(timestamp).toString("latin1");
    const headers = { "x-cld-timestamp": encoded, "x-cld-signature": sign(body, encoded) };
    expect(check(body, headers)).toEqual({ ok: false, reason: "timestamp-malformed" });
  });

  it.each([
    ["S5 no headers", {}, "signature-missing"],
    ["S5 an empty signature", { "x-cld-timestamp": String(now), "x-cld-signature": "" }, "signature-missing"],
    ["S5 no timestamp", { "x-cld-signature": sign(body, "") }, "timestamp-missing"],
    [
      "S8 an empty timestamp",
      { "x-cld-timestamp": "", "x-cld-signature": sign(body, "") },
      "timestamp-missing",
    ],
    [
      "S12 only an EdDSA signature",
      { "x-cld-timestamp": String(now), "x-cld-signature_v2": "MEUCIQ" },
      "signature-eddsa-only",
    ],
    [
      "S13 both signatures, the first wrong",
      { "x-cld-timestamp": String(now), "x-cld-signature": "0".repeat(40), "x-cld-signature_v2": "MEUCIQ" },
      "signature-mismatch",
    ],
  ])("%s", (_name, headers, reason) => {
    expect(check(body, headers)).toEqual({ ok: false, reason });
  });

  it("S5 a header sent twice", () => {
    const headers = new Headers(signed(now));
    headers.append("x-cld-signature", sign(body, String(now)));
    expect(verify(Buffer.from(body), headers, options)).toEqual({ ok: false, reason: "signature-malformed" });
  });

  it.each([
    ["39 digits", (hex: string) => hex.slice(1)],
    ["41 digits", (hex: string) => `${hex}0`],
    ["63 digits", (hex: string) => hex.padEnd(63, "0")],
    ["65 digits", (hex: string) => hex.padEnd(65, "0")],
    ["no hex", (hex: string) => `g${hex.slice(1)}`],
    ["upper case", (hex: string) => hex.toUpperCase()],
    ["spaces within", (hex: string) => `${hex.slice(0, 20)} ${hex.slice(21)}`],
    ["base64", (hex: string) => Buffer.from(hex, "hex").toString("base64")],
  ])("S6 a signature of %s, without throwing", (_name, spoil) => {
    const headers = { ...signed(now), "x-cld-signature": spoil(sign(body, String(now))) };
    expect(check(body, headers)).toEqual({ ok: false, reason: "signature-malformed" });
  });

  it("S9 digits moved between body and timestamp, which the SDK accepts", () => {
    const timestamp = String(now);
    const shortened = { body: `${body}1`, timestamp: timestamp.slice(1) };
    const lengthened = { body: body.slice(0, -1), timestamp: `}${timestamp}` };
    for (const moved of [shortened, lengthened]) {
      expect(moved.body + moved.timestamp).toBe(body + timestamp);
      const headers = { "x-cld-timestamp": moved.timestamp, "x-cld-signature": sign(body, timestamp) };
      expect(check(moved.body, headers)).toEqual({ ok: false, reason: "timestamp-malformed" });
    }
  });

  it("S10 everything, when the only secret is empty", () => {
    const headers = { "x-cld-timestamp": String(now), "x-cld-signature": sign(body, String(now), "") };
    expect(
      check(body, headers, { secrets: [{ name: "empty", value: "", expiresAt: null, cloud: null }] }).ok,
    ).toBe(false);
    expect(check(body, headers, { secrets: [] }).ok).toBe(false);
  });

  it("S11 an expired secret, and a key that the body names", () => {
    const old = {
      name: "old",
      value: "o1d-secret-that-is-rotated-out",
      expiresAt: now * 1_000 - 1,
      cloud: null,
    };
    const headers = { "x-cld-timestamp": String(now), "x-cld-signature": sign(body, String(now), old.value) };
    expect(check(body, headers, { secrets: [secret, old] })).toEqual({ ok: false, reason: "secret-expired" });
    const named = '{"signature_key":"main"}';
    const forged = { "x-cld-timestamp": String(now), "x-cld-signature": sign(named, String(now), "main") };
    expect(check(named, forged)).toEqual({ ok: false, reason: "signature-mismatch" });
  });

  it("a digest that the settings do not accept", () => {
    expect(check(body, signed(now), { algorithms: ["sha256"] })).toEqual({
      ok: false,
      reason: "signature-algorithm",
    });
  });

  it("an HMAC instead of the plain digest", async () => {
    const { createHmac } = await import("node:crypto");
    const hmac = createHmac("sha1", secret.value)
      .update(body + now)
      .digest("hex");
    expect(check(body, { ...signed(now), "x-cld-signature": hmac })).toEqual({
      ok: false,
      reason: "signature-mismatch",
    });
  });

  it("S4 one byte changed anywhere: body, timestamp or signature", () => {
    const headers = signed(now);
    expect(check(body, headers)).toMatchObject(accepted);
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom("body", "timestamp", "signature"),
        (at, xor, part) => {
          const source =
            part === "body"
              ? body
              : part === "timestamp"
                ? headers["x-cld-timestamp"]
                : headers["x-cld-signature"];
          const bytes = Buffer.from(source ?? "");
          const index = at % bytes.length;
          bytes[index] = (bytes[index] ?? 0) ^ xor;
          const spoiled = bytes.toString("latin1");
          fc.pre(part === "body" || /^[\x21-\x7e\x80-\xff]+$/.test(spoiled)); // What a header can carry.
          const verdict =
            part === "body"
              ? verify(bytes, new Headers(headers), options)
              : check(body, { ...headers, [`x-cld-${part}`]: spoiled });
          expect(verdict.ok).toBe(false);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

it("S14 compares in constant time: the source has no other comparison of digests", async () => {
  const { readFile } = await import("node:fs/promises");
  const source = await readFile(new URL("../../../src/lib/receive/verify.ts", import.meta.url), "utf8");
  expect(source).toMatch(/timingSafeEqual\(digest\(/);
  expect(source).not.toMatch(/(received|signature)\s*[!=]==?|[!=]==?\s*(received|signature)\b/);
});
