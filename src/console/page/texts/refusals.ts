/** What was not let in, and what mends it. */
export const refusalsTexts = {
  refusals: {
    lead: "Requests that claimed to come from Cloudinary and were not let in. Their bodies are not kept.",
    empty: "Nothing was refused.",
    count: (count: number) => (count === 1 ? "once" : `${count} times`),
    last: "last",
    samples: "Samples",
    columns: {
      at: "When",
      path: "Path",
      agent: "User agent",
      length: "Signature length",
      timestamp: "X-Cld-Timestamp",
    },
  },
  /** Why a request was refused, and what mends it. */
  diagnoses: {
    "signature-mismatch": {
      what: "The signature fits none of the configured secrets.",
      todo: "Compare the API secret in CLOUDINARY_URL (or CLOUDINARY_WEBHOOK_SECRETS) with the product environment that sends. If something between Cloudinary and the receiver rewrites the body, the signature cannot fit either.",
    },
    "signature-missing": {
      what: "There was no X-Cld-Signature header.",
      todo: "Cloudinary signs every notification. A request without it is somebody else's, or a proxy drops the header.",
    },
    "signature-malformed": {
      what: "X-Cld-Signature was neither 40 nor 64 lower-case hex digits.",
      todo: "Cloudinary sends SHA-1 or SHA-256 in hex. Base64 or upper case comes from something that imitates it.",
    },
    "signature-eddsa-only": {
      what: "Only X-Cld-Signature_v2 (EdDSA) was there.",
      todo: "The trigger signs with its own scheme alone (auth_scheme eddsa_v2). Let it sign with the API secret: the receiver verifies X-Cld-Signature.",
    },
    "signature-algorithm": {
      what: "The digest is of a kind that settings do not accept.",
      todo: "See settings.receive.algorithms, and the signature algorithm of the product environment.",
    },
    "secret-expired": {
      what: "The signature fits a secret whose end date has passed.",
      todo: "Cloudinary still signs with the old secret: finish the rotation there, or move the date in CLOUDINARY_WEBHOOK_SECRETS.",
    },
    "timestamp-missing": {
      what: "There was no X-Cld-Timestamp header.",
      todo: "It is part of what is signed. A proxy may drop it.",
    },
    "timestamp-malformed": {
      what: "X-Cld-Timestamp was not a whole number of seconds.",
      todo: "Milliseconds are the usual mistake of a self-made sender.",
    },
    "timestamp-too-old": {
      what: "It was signed longer ago than is accepted.",
      todo: "Either an old notification is sent again, or the receiver's clock is ahead. Health shows the database's clock.",
    },
    "timestamp-ahead": {
      what: "It was signed in the future.",
      todo: "The receiver's clock is behind, or the sender's is ahead. Health shows the database's clock.",
    },
    "method-not-allowed": { what: "It was not a POST.", todo: "Hooks take POST only." },
    "body-too-large": {
      what: "The body was larger than settings allow.",
      todo: "See settings.receive.maxBodyBytes.",
    },
    "body-unreadable": {
      what: "The body could not be read to its end.",
      todo: "The sender broke off, or said it was compressed when it was not.",
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
