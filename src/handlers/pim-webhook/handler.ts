import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Handler } from "../../lib/deliveries/handler.ts";
import type { Answer } from "../../lib/outgoing/request.ts";
import { postSigned, type WebhookTarget } from "../../lib/outgoing/signed-webhook.ts";
import { redact } from "../../lib/shared/redact.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import { connector, type Push, type PushOutcome } from "../pim/connector.ts";
import type { ProductFile, ProductImage } from "../pim/products.ts";

// Private addresses are allowed only for an emulator next to `netlify dev`.
export const pimWebhookHandler = defineHandler({
  name: "pim:webhook",
  connect: ({ config: { pimWebhook: target, local: allowPrivate } }) =>
    pimWebhook(target && { ...target, allowPrivate }).handle,
});

/** Posts each changed product to the configured URL, signed according to standardwebhooks.com. */
export function pimWebhook(target: WebhookTarget | null): Handler {
  const name = "pim:webhook";
  if (target === null) return { name, handle: async () => ({ kind: "skip", reason: "not-configured" }) };
  return connector(name, (product) => push(product, target));
}

async function push(product: Push, target: WebhookTarget): Promise<PushOutcome> {
  const { messageId: id, signal } = product;
  const posted = await postSigned(target, { id, body: bodyOf(product), signal });
  switch (posted.kind) {
    case "answered":
      return outcomeOf(posted.answer);
    case "refused":
      return { kind: "refused", error: posted.error };
    case "not-reached":
      return { kind: "try-again", error: posted.error };
    default:
      return posted satisfies never;
  }
}

function bodyOf({ sku, images, files, readAt }: Push): string {
  const data = { sku, images: images.map(imageOf), files: files.map(fileOf) };
  return JSON.stringify({ type: "product.images", timestamp: readAt.toISOString(), data });
}

function imageOf(image: ProductImage) {
  return {
    url: image.secureUrl,
    role: image.role,
    position: image.position,
    alt: image.altText,
    rendition: image.rendition,
    asset_id: image.assetId,
    public_id: image.publicId,
    resource_type: image.resourceType,
    version: image.version,
    superseded: image.superseded,
    stale: image.stale,
    width: image.width,
    height: image.height,
    bytes: image.bytes,
    format: image.format,
  };
}

function fileOf(file: ProductFile) {
  return { ...imageOf(file), media_kind: file.mediaKind };
}

function outcomeOf(answer: Answer): PushOutcome {
  const { status } = answer;
  if (status >= 200 && status < 300) return { kind: "accepted" };
  if (status === 410) return { kind: "gone", reason: "the receiver answered 410 Gone" };
  if ((status === 404 || status === 422) && saysUnknownSku(answer.text)) return { kind: "unknown-sku" };
  const error = `the receiver answered ${status}${excerpt(answer.text)}`;
  if (status >= 300 && status < 400)
    return { kind: "refused", error: `${error}: configure the URL that it redirects to` };
  if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) return { kind: "refused", error };
  const afterMs = retryAfterMs(answer.retryAfter);
  return { kind: "try-again", error, ...(afterMs !== null && { afterMs }) };
}

/** A plain 404 can also mean a wrong URL, which must be reported as an error. */
function saysUnknownSku(text: string): boolean {
  return text.includes("unknown-sku");
}

function excerpt(text: string): string {
  const line = redact(text.replace(/\s+/g, " ").trim()).slice(0, 200);
  return line === "" ? "" : `: ${line}`;
}
