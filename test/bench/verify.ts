import { createHash } from "node:crypto";
import { v2 as cloudinary } from "cloudinary";
import type { Algorithm } from "../../src/lib/receive/digest.ts";
import { verify } from "../../src/lib/receive/verify.ts";
import { settings } from "../../src/settings.ts";
import { uploadBody } from "../support/bodies.ts";
import { signedRequest, testSecret } from "../support/signed-request.ts";
import { alternate, compare, type Figure } from "./figure.ts";

/**
 * Verifications a second against digests a second of the same bytes (`createHash` with two updates, the comparison left out),
 * and against the SDK's verifier, which gets the body as the string it wants.
 */
export async function benchVerify(): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const algorithm of ["sha1", "sha256"] as const)
    for (const kilobytes of [1, 10, 100]) figures.push(...(await measure(algorithm, kilobytes)));
  return figures;
}

interface Signed {
  text: string;
  body: Buffer;
  headers: Headers;
  timestamp: string;
  signature: string;
}

async function measure(algorithm: Algorithm, kilobytes: number): Promise<Figure[]> {
  const signed = Array.from({ length: 16 }, (_, second) => signedBody(algorithm, kilobytes * 1_024, second));
  const options = {
    ...settings.receive,
    secrets: [{ name: "CLOUDINARY_URL", value: testSecret, expiresAt: null, cloud: null }],
    now: Date.now(),
  };
  cloudinary.config({ api_secret: testSecret, signature_algorithm: algorithm });

  const ours = ({ body, headers }: Signed) => verify(body, headers, options).ok;
  const sdk = ({ text, timestamp, signature }: Signed) =>
    cloudinary.utils.verifyNotificationSignature(text, Number(timestamp), signature);
  const digest = ({ body, timestamp }: Signed) =>
    createHash(algorithm)
      .update(body)
      .update(timestamp + testSecret)
      .digest();
  if (!signed.every((one) => ours(one) && sdk(one)))
    throw new Error(`the bench's own ${algorithm} signature is refused`);

  // Rounds of some 150 ms: the clock of a thread may advance in steps of 4 ms. Garbage collection is part of each round.
  const passes = Math.ceil(13_000 / (kilobytes + 5));
  const rates = await alternate(
    7,
    {
      ours: rateOf(passes, signed, ours),
      digest: rateOf(passes, signed, digest),
      sdk: rateOf(passes, signed, sdk),
    },
    2,
  );
  const described = { name: `verify ${kilobytes} KB ${algorithm}`, unit: "1/s", ours: rates.ours } as const;
  return [
    compare({
      ...described,
      against: "bare createHash digest",
      theirs: rates.digest,
      aim: { atLeast: 0.8 },
    }),
    compare({ ...described, against: "cloudinary SDK", theirs: rates.sdk, aim: { atLeast: 1 } }),
  ];
}

function signedBody(algorithm: Algorithm, bytes: number, second: number): Signed {
  const text = bodyOf(bytes);
  const body = Buffer.from(text);
  const timestamp = Math.floor(Date.now() / 1_000) - second;
  const { headers } = signedRequest(body, { algorithm, timestamp });
  return { text, body, headers, timestamp: `${timestamp}`, signature: headers.get("x-cld-signature") ?? "" };
}

/** In time of this thread, which other processes do not change. Several bodies in turn, as a receiver gets them; the same one again and again lets the compiler join strings in advance. */
function rateOf(passes: number, signed: readonly Signed[], call: (one: Signed) => unknown): () => number {
  return () => {
    const before = process.threadCpuUsage();
    for (let pass = 0; pass < passes; pass += 1) for (const one of signed) call(one);
    const { user, system } = process.threadCpuUsage(before);
    return (passes * signed.length * 1_000_000) / (user + system);
  };
}

/** An upload whose JSON has exactly so many bytes. */
function bodyOf(bytes: number): string {
  const bare = JSON.stringify(uploadBody({ original_filename: "" })).length;
  return JSON.stringify(uploadBody({ original_filename: "x".repeat(bytes - bare) }));
}
