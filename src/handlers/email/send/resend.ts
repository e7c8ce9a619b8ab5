import type { MailAccount } from "../../../config.types.ts";
import { isWritten, send } from "../../../lib/outgoing/request.ts";
import { errorText } from "../../../lib/shared/log.ts";
import { isLoopback } from "../../../lib/shared/loopback.ts";
import { redact } from "../../../lib/shared/redact.ts";
import type { MailProvider, MailRequest } from "./provider.ts";
import { answerOfResend } from "./resend-response.ts";

export const resendHost = "https://api.resend.com";

/** Resend accepts every mail to it, and delivers it to nobody. It has no sandbox mode. */
const sandboxRecipient = "delivered@resend.dev";

/** Resend keeps a key for 24 hours; an hour less, for clocks and for the way. */
const repeatableMs = 23 * 60 * 60_000;

const maxAnswerLength = 200_000;

/**
 * Resend's API by plain requests: the official client hides whether a request was sent, and takes no `AbortSignal`. One request sends
 * the mail to each recipient separately (batch sending), and leaves out those that are invalid (`permissive`).
 */
export function resend(account: MailAccount, { timeoutMs }: { timeoutMs: number }): MailProvider {
  const url = new URL(`${(account.baseUrl ?? resendHost).replace(/\/+$/, "")}/emails/batch`);
  return {
    name: "Resend",
    maxRecipients: 100,
    repeatableMs,
    async post(request, signal) {
      try {
        const answer = await send({
          method: "POST",
          url,
          headers: {
            authorization: `Bearer ${account.apiKey}`,
            "content-type": "application/json",
            "user-agent": "cloudinary-webhooks",
            "idempotency-key": request.key,
            "x-batch-validation": "permissive",
          },
          body: JSON.stringify(mailsOf(request)),
          maxTextLength: maxAnswerLength,
          allowPrivate: account.baseUrl !== null && isLoopback(url),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        });
        return answerOfResend(answer);
      } catch (error) {
        const text = redact(`no response from Resend: ${errorText(error)}`);
        return isWritten(error) ? { kind: "unknown", error: text } : { kind: "unavailable", error: text };
      }
    },
  };
}

function mailsOf({ mail, recipients, deliveryId, sandbox }: MailRequest) {
  const { replacement, html, text, ...content } = mail;
  const filled = (template: string, recipient: string) =>
    replacement ? template.replaceAll(replacement.marker, () => replacement.valueFor(recipient)) : template;
  return recipients.map((recipient) => ({
    ...content,
    html: filled(html, recipient),
    text: filled(text, recipient),
    to: [sandbox ? sandboxRecipient : recipient],
    headers: { "Auto-Submitted": "auto-generated", "X-Entity-Ref-ID": deliveryId },
    tags: [{ name: "delivery_id", value: deliveryId }],
  }));
}
