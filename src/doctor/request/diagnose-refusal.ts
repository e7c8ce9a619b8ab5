import * as z from "zod";
import type { Db } from "../../lib/database/pool.ts";
import type { Settings } from "../../settings.types.ts";
import { type Finding, failed, notChecked, warning } from "../finding.ts";
import { timestampFindings } from "./timestamp.ts";

/** What is kept of a rejected request (src/lib/receive/refusals.ts). Samples of older versions have less. */
const sampleSchema = z.object({
  id: z.string(),
  at: z.string(),
  path: z.string(),
  userAgent: z.string(),
  signatureLength: z.number(),
  timestamp: z.string(),
  eddsa: z.boolean().default(false),
  contentType: z.string().default(""),
});
export type RefusedRequest = z.output<typeof sampleSchema> & { reason: string };

/** null: no sample has this id, because others of its hour and reason were kept, or it is too old. */
export async function findRefusal(db: Db, id: string): Promise<RefusedRequest | null> {
  const { rows } = await db.query<{ reason: string; sample: unknown }>(
    `select r.reason, sample from refusals r, jsonb_array_elements(r.samples) as sample where sample ->> 'id' = $1 limit 1`,
    [id],
  );
  const read = sampleSchema.safeParse(rows[0]?.sample);
  return rows[0] && read.success ? { reason: rows[0].reason, ...read.data } : null;
}

export const noRefusal = (id: string): Finding =>
  failed("request.unknown", `No rejected request with the id ${id} is kept`, {
    why: "Five are kept for each hour and reason, as long as notifications are.",
    fix: "Take an id from Rejected requests in the console, or from a log line with the message refused.",
  });

const capture =
  "Capture such a request (headers and body, byte for byte) and run `npx webhooks doctor --headers <file> --body <file>`.";

/** Limited to the sample: body and signature are not stored, so that the request cannot be repeated. */
export function diagnoseRefusal(refused: RefusedRequest, settings: Settings): Finding[] {
  const { reason, at, path, userAgent, signatureLength, contentType } = refused;
  const digest = signatureLength === 40 ? "SHA-1" : signatureLength === 64 ? "SHA-256" : "neither digest's";
  const what = `The request at ${at} to ${path} was rejected as ${reason}`;
  const about = `User agent ${userAgent || "none"}, content type ${contentType || "none"}, a signature of ${signatureLength} characters (${digest} length).`;
  const timestamps = timestampFindings(refused.timestamp, {
    receivedAt: Date.parse(at),
    settings,
    now: Date.parse(at),
  });
  const [todo, isFinal] = explain(reason);
  return [
    failed(`request.${reason}`, what, { why: about, fix: todo }),
    ...(["timestamp-too-old", "timestamp-ahead", "timestamp-malformed"].includes(reason) ? timestamps : []),
    ...(/Cloudinary/i.test(userAgent)
      ? []
      : [
          warning("request.user-agent", "The user agent is not Cloudinary's", {
            why: "Cloudinary sends `Cloudinary`: the request probably comes from somewhere else, or through a proxy.",
            fix: "If you do not know the sender, nothing needs to be done: it was rejected.",
          }),
        ]),
    ...(isFinal
      ? []
      : [
          notChecked(
            "request.cause",
            "The exact cause",
            "Neither the body nor the signature of a rejected request is kept, so a wrong secret cannot be told from a changed body.",
            capture,
          ),
        ]),
  ];
}

/** How to continue, and whether the reason is the complete cause. */
function explain(reason: string): [string, boolean] {
  switch (reason) {
    case "signature-mismatch":
      return [
        "Compare the secrets with the key that signs at Cloudinary, and look for a proxy that changes the body.",
        false,
      ];
    case "secret-expired":
      return [
        "Give the expired secret a later date in CLOUDINARY_WEBHOOK_SECRETS until Cloudinary signs with the new one.",
        true,
      ];
    case "signature-eddsa-only":
      return ["Set the trigger's auth_scheme to default or legacy_hmac: `npx webhooks setup`.", true];
    case "signature-algorithm":
      return ["Add the digest to receive.algorithms in src/settings.ts.", true];
    case "timestamp-too-old":
    case "timestamp-ahead":
      return [
        "Check the clocks of sender and receiver; a late retry of Cloudinary is within two hours.",
        true,
      ];
    case "timestamp-malformed":
      return ["Find out what writes the header: Cloudinary sends seconds, ten digits.", true];
    case "body-too-large":
      return [
        "Raise receive.maxBodyBytes in src/settings.ts, up to the platform's limit of about 4.5 MB.",
        true,
      ];
    case "body-timeout":
    case "body-unreadable":
      return ["The connection ended or stalled before the body was complete. Cloudinary retries.", true];
    default:
      return ["Let the proxy, if there is one, pass on every header that begins with X-Cld-.", false];
  }
}
