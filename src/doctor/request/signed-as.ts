import { createHash, createHmac } from "node:crypto";
import type { Algorithm } from "../../lib/receive/digest.ts";
import { type BodyForm, bodyForms } from "./bodies.ts";

/** A secret that may have signed a request. */
export interface SecretTried {
  name: string;
  value: string;
  /** What the receiver does with it. */
  use: "accepted" | "expired" | "unused";
}

/** How a signature came about. */
export interface SignedAs {
  secret: SecretTried;
  algorithm: Algorithm | "sha512";
  /** `remote-function`: the scheme of custom remote functions, over timestamp and secret alone. */
  method: "digest" | "hmac" | "remote-function";
  timestamp: TimestampForm;
  body: BodyForm;
}

/** What was signed as the timestamp, compared with the header. */
type TimestampForm = "same" | "seconds" | "milliseconds" | "none";

export interface Signed {
  body: Buffer;
  timestamp: string;
  /** Lower-case hex. */
  signature: string;
  secrets: readonly SecretTried[];
}

const algorithmOf = new Map<number, Algorithm>([
  [40, "sha1"],
  [64, "sha256"],
]);

/** For a body of some megabytes with many secrets. */
const budgetMs = 8_000;

/** Which secret, rule and form of the request give this signature; null: none that is tried. */
export function signedAs(signed: Signed): SignedAs | null {
  if (signed.signature.length === 128) return remoteFunction(signed);
  const algorithm = algorithmOf.get(signed.signature.length);
  if (algorithm === undefined) return null;
  const until = Date.now() + budgetMs;
  for (const body of bodyForms(signed.body)) {
    const found = bySecret(signed, algorithm, body);
    if (found !== null || Date.now() > until) return found;
  }
  return null;
}

function bySecret(signed: Signed, algorithm: Algorithm, body: BodyForm): SignedAs | null {
  for (const secret of signed.secrets)
    for (const [timestamp, text] of timestamps(signed.timestamp)) {
      const hex = createHash(algorithm).update(body.bytes).update(text).update(secret.value).digest("hex");
      if (hex === signed.signature) return { secret, algorithm, method: "digest", timestamp, body };
      const parts = [
        [body.bytes, text],
        [text, body.bytes],
        [`${text}.`, body.bytes],
      ] as const;
      for (const [first, second] of parts) {
        const hmac = createHmac(algorithm, secret.value).update(first).update(second).digest("hex");
        if (hmac === signed.signature) return { secret, algorithm, method: "hmac", timestamp, body };
      }
    }
  return null;
}

function timestamps(header: string): [TimestampForm, string][] {
  const forms: [TimestampForm, string][] = [["same", header]];
  if (/^\d{13}$/.test(header)) forms.push(["seconds", header.slice(0, 10)]);
  if (/^\d{10}$/.test(header)) forms.push(["milliseconds", `${header}000`]);
  if (header !== "") forms.push(["none", ""]);
  return forms;
}

function remoteFunction({ body, timestamp, signature, secrets }: Signed): SignedAs | null {
  const secret = secrets.find(
    ({ value }) => createHash("sha512").update(timestamp).update(value).digest("hex") === signature,
  );
  return secret
    ? {
        secret,
        algorithm: "sha512",
        method: "remote-function",
        timestamp: "same",
        body: { name: "", bytes: body },
      }
    : null;
}
