import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { type CallLimits, callRest, segment } from "./rest.ts";

/** A notification that Cloudinary keeps for polling: the body and headers that a webhook would have. */
export interface PolledMessage {
  /** The handle for acknowledging the message. A message that is delivered again has a new handle. */
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
    // The field `payload` contains the same data, parsed, but serialising it again does not restore the signed bytes.
    // A malformed message fails verification and must not hide the others.
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

/** The field is absent if no messages are waiting. */
const received = z.looseObject({ messages: z.array(message).default([]) });
const acknowledged = z.looseObject({ results: z.array(z.looseObject({ status: z.string() })) });

/** The maximum number for one call, also for acknowledging. */
export const maxMessages = 100;

export interface Receiving {
  /** The channel of a trigger `poll://<channel>`, without the scheme. */
  channel: string;
  /** 1 to 100. */
  max: number;
  /** 0 to 60: how long the call waits for messages. */
  waitSeconds: number;
  /** 1 to 600: messages that are not acknowledged by then are delivered again. */
  visibilitySeconds: number;
}

/** Must be longer than the call waits for messages. */
const answerMs = 15_000;

const path = ({ cloudName }: CloudinaryAccount): string => `/v2/notifications/${segment(cloudName)}/messages`;

/** Claims waiting messages: no other client gets them until the visibility timeout. Throws `CloudinaryError`. */
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

/** Up to 100 at once. Returns the number of acknowledged messages; the others are delivered again. Throws `CloudinaryError`. */
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

/** A value that no header can contain is not a valid signature either. */
function headerText(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, "?");
}
