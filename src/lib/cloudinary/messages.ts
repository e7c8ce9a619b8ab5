import * as z from "zod";
import type { CloudinaryAccount } from "../../config.ts";
import { type CallLimits, callRest, segment } from "./rest.ts";

/** A notification that Cloudinary keeps for polling: what a webhook would have carried in its body and headers. */
export interface PolledMessage {
  /** Acknowledges it. Of this delivery: when the message comes again, it has another one. */
  receiptHandle: string;
  /** The exact bytes that were signed. */
  body: Uint8Array<ArrayBuffer>;
  /** `X-Cld-Signature` */
  signature: string;
  /** `X-Cld-Timestamp` */
  timestamp: string;
}

const message = z
  .looseObject({
    receipt_handle: z.string(),
    // The key `payload` holds the same, parsed. What it is written out to again is not what was signed.
    // One that is malformed fails verification, and must not hide the others.
    signed_payload: z.string(),
    signature: z.string().transform(headerText),
    timestamp: z.union([z.string(), z.int().transform(String)]).transform(headerText),
  })
  .transform(
    (wire): PolledMessage => ({
      receiptHandle: wire.receipt_handle,
      body: Uint8Array.from(Buffer.from(wire.signed_payload, "base64url")),
      signature: wire.signature,
      timestamp: wire.timestamp,
    }),
  );

/** The key is absent when nothing waits. */
const received = z.looseObject({ messages: z.array(message).default([]) });
const acknowledged = z.looseObject({ results: z.array(z.looseObject({ status: z.string() })) });

/** Of one call, also for acknowledging. */
export const maxMessages = 100;

export interface Receiving {
  /** Of a trigger `poll://<channel>`, without its scheme. */
  channel: string;
  /** 1 to 100. */
  max: number;
  /** 0 to 60: the call is held open for as long as nothing waits. */
  waitSeconds: number;
  /** 1 to 600: what is not acknowledged by then comes again. */
  visibilitySeconds: number;
}

/** Longer than the call is held open. */
const answerMs = 15_000;

const path = ({ cloudName }: CloudinaryAccount): string => `/v2/notifications/${segment(cloudName)}/messages`;

/** Claims waiting messages; nobody else gets them until their visibility ends. Throws `CloudinaryError`. */
export async function receiveMessages(
  account: CloudinaryAccount,
  { channel, max, waitSeconds, visibilitySeconds }: Receiving,
  { timeoutMs = answerMs, signal }: CallLimits = {},
): Promise<PolledMessage[]> {
  const { messages } = await callRest(
    account,
    {
      what: "receive messages",
      method: "GET",
      path: path(account),
      query: {
        channel,
        max_messages: max,
        wait_seconds: waitSeconds,
        visibility_timeout: visibilitySeconds,
      },
      schema: received,
    },
    { timeoutMs: waitSeconds * 1_000 + timeoutMs, signal },
  );
  return messages;
}

/** Up to 100 at once. Returns how many are acknowledged; the others come again. Throws `CloudinaryError`. */
export async function acknowledgeMessages(
  account: CloudinaryAccount,
  handles: readonly string[],
  limits?: CallLimits,
): Promise<number> {
  const { results } = await callRest(
    account,
    {
      what: "acknowledge messages",
      method: "POST",
      path: `${path(account)}/ack`,
      body: { receipt_handles: handles },
      schema: acknowledged,
    },
    limits,
  );
  return results.filter(({ status }) => status === "acked").length;
}

/** What no header can hold makes no valid signature either. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?");
}
