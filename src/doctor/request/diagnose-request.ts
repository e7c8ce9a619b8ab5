import { apiSecretName } from "../../config.ts";
import type { PartialConfig } from "../../config.types.ts";
import { isObject } from "../../lib/shared/json.ts";
import type { Settings } from "../../settings.types.ts";
import { type Finding, failed, ok } from "../finding.ts";
import { type SecretTried, type SignedAs, signedAs } from "./signed-as.ts";
import { timestampFindings } from "./timestamp.ts";

export interface CapturedRequest {
  headers: Headers;
  body: Buffer;
  /** Milliseconds since 1970; null: unknown, and now is taken. */
  receivedAt: number | null;
}

export interface RequestOptions {
  config: PartialConfig;
  settings: Settings;
  now: number;
}

/** Why the receiver rejects a captured request: every cause that is found, or that it accepts it. */
export function diagnoseRequest(request: CapturedRequest, options: RequestOptions): Finding[] {
  const signature = request.headers.get("x-cld-signature")?.trim() ?? "";
  const timestamp = request.headers.get("x-cld-timestamp")?.trim() ?? "";
  if (signature === "") return [unsigned(request.headers)];
  const secrets = triedSecrets(options);
  if (secrets.length === 0) return [noSecret];
  const found = signedAs({ body: request.body, timestamp, signature: signature.toLowerCase(), secrets });
  const causes = [
    ...(found === null
      ? [mismatch(request, { signature, secrets, config: options.config })]
      : ofSignature(found, { signature, timestamp, settings: options.settings })),
    ...timestampFindings(timestamp, { ...options, receivedAt: request.receivedAt }),
  ];
  return causes.length > 0 || found === null
    ? causes
    : [ok("request.accepted", `The receiver accepts this request: ${found.secret.name} verifies it`)];
}

/** Those that verify, those that no longer do, and the API secret where another is used in its place. */
function triedSecrets({ config, now }: RequestOptions): SecretTried[] {
  const listed = config.secrets.map(
    ({ name, value, expiresAt }): SecretTried => ({
      name,
      value,
      use: expiresAt !== null && expiresAt < now ? "expired" : "accepted",
    }),
  );
  const unused = config.accounts.flatMap(({ apiSecret, assetPrefix = "", cloudName }): SecretTried[] =>
    listed.some(({ value }) => value === apiSecret)
      ? []
      : [
          {
            name: assetPrefix === "" ? apiSecretName : `${apiSecretName}#${cloudName}`,
            value: apiSecret,
            use: "unused",
          },
        ],
  );
  return [...listed, ...unused];
}

const noSecret = failed("request.no-secret", "No secret is set that could verify the request", {
  why: "The receiver rejects every notification.",
  fix: "Set CLOUDINARY_URL or CLOUDINARY_WEBHOOK_SECRETS, in the shell or in .env.",
});

function unsigned(headers: Headers): Finding {
  if (headers.has("x-cld-signature_v2"))
    return failed(
      "request.signature-eddsa-only",
      "The request has an EdDSA signature (X-Cld-Signature_v2) only",
      {
        why: "Cloudinary publishes no key for it, so no receiver can verify it. The trigger's auth_scheme is eddsa_v2.",
        fix: "Set the trigger's auth_scheme to default or legacy_hmac: `npx webhooks setup`, or Settings, Webhook Notifications in the Cloudinary console.",
      },
    );
  const isOther = ["x-hub-signature-256", "x-cloudinary-signature", "webhook-signature"].some((name) =>
    headers.has(name),
  );
  return failed("request.signature-missing", "The request has no X-Cld-Signature header", {
    why: isOther
      ? "It carries the signature of another service."
      : "It is not a notification of Cloudinary, or a proxy has removed the header.",
    fix: "Capture the request before any proxy, and let the proxy pass on every header that begins with X-Cld-.",
  });
}

interface Shown {
  signature: string;
  timestamp: string;
  settings: Settings;
}

function ofSignature(found: SignedAs, { signature, timestamp, settings }: Shown): Finding[] {
  const { secret, algorithm, method, body } = found;
  const all: Finding[] = [];
  if (method === "remote-function")
    all.push(
      failed("request.remote-function", "The request is signed as a call of a custom remote function", {
        why: "It is no notification: its signature covers timestamp and secret, and not the body.",
        fix: "Send it to the remote function, not to the receiver.",
      }),
    );
  else if (method === "hmac")
    all.push(
      failed(
        "request.hmac",
        `The signature is an HMAC (${algorithm}) with the secret ${secret.name} as its key`,
        {
          why: "Cloudinary signs with a plain digest of body, timestamp and secret. The request was signed by other code.",
          fix: "Sign with hex(SHA(body + timestamp + secret)), or send with `npx webhooks send <file>`.",
        },
      ),
    );
  else if (algorithm !== "sha512" && !settings.receive.algorithms.includes(algorithm))
    all.push(
      failed(
        "request.signature-algorithm",
        `The signature is a ${algorithm === "sha1" ? "SHA-1" : "SHA-256"} digest`,
        {
          why: `The receiver accepts ${settings.receive.algorithms.join(" and ")} only.`,
          fix: `Add "${algorithm}" to receive.algorithms in src/settings.ts, or ask Cloudinary to change the account's signature algorithm.`,
        },
      ),
    );
  if (signature !== signature.toLowerCase())
    all.push(
      failed("request.signature-case", "The signature is in upper case", {
        why: "Cloudinary writes it in lower case; something on its way has changed it.",
        fix: "Let the proxy pass on the header unchanged.",
      }),
    );
  if (body.name !== "")
    all.push(
      failed(
        "request.body-changed",
        `The body was changed after it was signed. Signed was the body ${body.name}`,
        {
          why: `The signature covers the exact bytes. With the change undone, the secret ${secret.name} verifies it.`,
          fix: "Pass the raw body on: a proxy, a gateway or a body parser before the receiver has parsed and written it again, or changed its encoding.",
        },
      ),
    );
  all.push(...ofSignedTimestamp(found, timestamp), ...ofSecret(secret));
  return all;
}

function ofSignedTimestamp({ method, timestamp: form, body }: SignedAs, header: string): Finding[] {
  if (method !== "digest") return [];
  if (form === "none")
    return [
      failed("request.timestamp-unsigned", "The signature does not cover the timestamp", {
        why: "Cloudinary signs body, timestamp and secret. The request was signed by other code.",
        fix: "Sign with hex(SHA(body + timestamp + secret)), or send with `npx webhooks send <file>`.",
      }),
    ];
  if (
    form === "same" &&
    /^\d+$/.test(header) &&
    header.length < 10 &&
    /[}\]]\s*\d+$/.test(body.bytes.subarray(-40).toString())
  )
    return [
      failed("request.digits-shifted", "Digits of the timestamp are at the end of the body", {
        why: "Body and timestamp are signed without a separator, so the signature is still valid. Someone has moved digits to turn a signed request into another one.",
        fix: "Do not accept it. Find out who changes requests between Cloudinary and the receiver.",
      }),
    ];
  if (form === "seconds" || form === "milliseconds")
    return [
      failed(
        "request.timestamp-changed",
        `X-Cld-Timestamp was changed on its way: what is signed are ${form === "seconds" ? "seconds, and it holds milliseconds" : "milliseconds, and it holds seconds"}`,
        {
          why: "The receiver verifies the header as it is.",
          fix: "Let the proxy pass on the header unchanged.",
        },
      ),
    ];
  return [];
}

function ofSecret({ name, use }: SecretTried): Finding[] {
  if (use === "expired")
    return [
      failed(
        "request.secret-expired",
        `The request is signed with the previous secret ${name}, which has expired`,
        {
          why: "Cloudinary still signs with it, and the receiver no longer accepts it.",
          fix: `Give ${name} a later date in CLOUDINARY_WEBHOOK_SECRETS and deploy, then complete the rotation at Cloudinary.`,
        },
      ),
    ];
  if (use === "unused")
    return [
      failed("request.secret-unused", "The request is signed with the API secret of CLOUDINARY_URL", {
        why: "While CLOUDINARY_WEBHOOK_SECRETS is set, the API secret does not verify.",
        fix: "Have Cloudinary dedicate the listed key to webhooks, or set receive.apiSecretVerifies in src/settings.ts until then.",
      }),
    ];
  return [];
}

interface Mismatch {
  signature: string;
  secrets: readonly SecretTried[];
  config: PartialConfig;
}

function mismatch({ body }: CapturedRequest, { signature, secrets, config }: Mismatch): Finding {
  if (!/^([0-9a-f]{40}|[0-9a-f]{64})$/i.test(signature))
    return failed(
      "request.signature-malformed",
      `The signature is neither a SHA-1 nor a SHA-256 digest in hex: it has ${signature.length} characters`,
      {
        why: "Cloudinary's have 40 or 64.",
        fix: "Capture the request again; the header may be cut off or encoded differently.",
      },
    );
  const names = secrets.map(({ name }) => name).join(", ");
  const key = signingKey(body);
  const isOtherKey =
    key !== null && config.accounts.length > 0 && config.accounts.every(({ apiKey }) => apiKey !== key);
  return failed("request.signature-mismatch", `No secret verifies the request: ${names}`, {
    why: isOtherKey
      ? `Wrong secret: the body names the API key that ends in ${key.slice(-4)} as the one that signed (signature_key), and CLOUDINARY_URL has another one.`
      : key === null
        ? "Either the secret is wrong (another product environment, or another key of it), or the body was changed in a way that is not tried here. The body names no key (signature_key)."
        : "The key in CLOUDINARY_URL signed it, so its secret is wrong here, or the body was changed in a way that is not tried here.",
    fix: "Cloudinary signs with the key dedicated to webhooks, otherwise with the oldest active key. Copy that key's secret from Settings, API Keys.",
  });
}

/** Not vouched for, as nothing in an unverified body is: a hint. */
function signingKey(body: Buffer): string | null {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    const key = isObject(value) ? value.signature_key : null;
    return typeof key === "string" && key !== "" ? key : null;
  } catch {
    return null;
  }
}
