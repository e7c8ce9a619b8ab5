/** Rejected requests, and how to fix each cause. */
export const refusalsTexts = {
  refusals: {
    lead: "Requests to the webhook addresses that failed verification. Their bodies are not kept.",
    empty: "No rejected requests",
    emptySays: "Requests whose signature is missing or wrong appear here by reason, with how to fix it.",
    count: (count: number) => (count === 1 ? "once" : `${count} times`),
    last: "last",
    samples: "Samples",
    doctor: "Explain one with: npx webhooks doctor --refusal <id>",
    columns: {
      at: "Time",
      id: "Id",
      path: "Path",
      agent: "User agent",
      length: "Signature length",
      timestamp: "X-Cld-Timestamp",
    },
  },
  /** Why a request was rejected, and how to fix it. */
  diagnoses: {
    "signature-mismatch": {
      what: "The signature matches none of the configured secrets.",
      todo: "Compare the secrets in CLOUDINARY_WEBHOOK_SECRETS with the API key that Cloudinary dedicates to webhooks. Only where none are listed does the API secret in CLOUDINARY_URL verify; then compare it with the oldest active key of the product environment. A proxy that rewrites the body also invalidates the signature.",
    },
    "signature-missing": {
      what: "The X-Cld-Signature header is missing.",
      todo: "Cloudinary signs every notification. Either the request did not come from Cloudinary, or a proxy removed the header.",
    },
    "signature-malformed": {
      what: "X-Cld-Signature is not 40 or 64 lowercase hexadecimal digits.",
      todo: "Cloudinary sends SHA-1 or SHA-256 in lowercase hexadecimal. Check the sender: Base64 and uppercase do not come from Cloudinary.",
    },
    "signature-eddsa-only": {
      what: "The request has only X-Cld-Signature_v2 (EdDSA).",
      todo: "The trigger uses auth_scheme eddsa_v2. Change it to legacy_hmac: the receiver verifies X-Cld-Signature, which Cloudinary makes with the key dedicated to webhooks, or else with the oldest active API key.",
    },
    "signature-algorithm": {
      what: "The settings do not accept this signature algorithm.",
      todo: "Compare settings.receive.algorithms with the signature algorithm of the product environment.",
    },
    "secret-expired": {
      what: "The signature matches an expired secret.",
      todo: "Cloudinary still signs with the old secret. Finish the rotation there, or extend the date in CLOUDINARY_WEBHOOK_SECRETS.",
    },
    "timestamp-missing": {
      what: "The X-Cld-Timestamp header is missing.",
      todo: "The signature covers this header. Check whether a proxy removes it.",
    },
    "timestamp-malformed": {
      what: "X-Cld-Timestamp is not a whole number of seconds.",
      todo: "If you send test requests yourself, use seconds, not milliseconds.",
    },
    "timestamp-too-old": {
      what: "The timestamp is too old.",
      todo: "Either an old notification was sent again, or the receiver's clock is ahead. Health compares it with the database clock.",
    },
    "timestamp-ahead": {
      what: "The timestamp is in the future.",
      todo: "The receiver's clock is behind, or the sender's is ahead. Health compares it with the database clock.",
    },
    "method-not-allowed": {
      what: "The request was not a POST.",
      todo: "Webhook addresses accept only POST.",
    },
    "body-too-large": {
      what: "The body exceeds the size limit.",
      todo: "To accept larger bodies, raise settings.receive.maxBodyBytes.",
    },
    "body-unreadable": {
      what: "The body could not be read completely.",
      todo: "The sender closed the connection early, or declared a compression that it did not use.",
    },
    "body-timeout": {
      what: "The body was not complete in time.",
      todo: "The sender was too slow, or kept the connection open on purpose. See settings.receive.bodyTimeoutMs.",
    },
    "unreadable-cut": {
      what: "A signed body that is no JSON object was recorded with its first kilobyte only: there were too many within 24 hours.",
      todo: "Look at the notifications of type unreadable. If Cloudinary did not send them, somebody else can sign: replace the secret. See settings.receive.maxUnreadablePerDay.",
    },
  } as Readonly<Record<string, { what: string; todo: string }>>,
};
