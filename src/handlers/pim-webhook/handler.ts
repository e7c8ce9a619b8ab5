import { Webhook } from "standardwebhooks";
import type { Handler } from "../../lib/deliveries/handler.ts";
import { AddressRefused, type Answer, send } from "../../lib/outgoing/request.ts";
import { errorText } from "../../lib/shared/log.ts";
import { redact } from "../../lib/shared/redact.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import { connector, type Push, type PushOutcome } from "../pim/connector.ts";
import type { ProductFile, ProductImage } from "../pim/products.ts";

export interface WebhookTarget {
  url: string;
  /** `whsec_...`; every secret signs, so that they can be rotated. */
  secrets: readonly string[];
  /** Allows loopback, private networks and http, for local use. */
  allowPrivate: boolean;
}

const timeoutMs = 15_000;
/** Of a response, for the error message. */
const maxTextLength = 2_000;

/** Posts each changed product to the configured URL, signed according to standardwebhooks.com. */
export function pimWebhook(target: WebhookTarget | null): Handler {
  const name = "pim:webhook";
  if (target === null) return { name, handle: async () => ({ kind: "skip", reason: "not-configured" }) };
  return connector(name, (product) => push(product, target));
}

async function push(product: Push, target: WebhookTarget): Promise<PushOutcome> {
  const sentAt = new Date();
  const body = bodyOf(product);
  const signatures = target.secrets.map((secret) => sign(secret, product.messageId, sentAt, body));
  if (!URL.canParse(target.url) || signatures.length === 0 || signatures.includes(null))
    return { kind: "refused", error: "the connector requires a URL, and secrets in the form whsec_<base64>" };
  try {
    const answer = await send({
      method: "POST",
      url: new URL(target.url),
      body,
      maxTextLength,
      allowPrivate: target.allowPrivate,
      signal: AbortSignal.any([product.signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        "content-type": "application/json",
        "user-agent": "cloudinary-webhooks",
        "webhook-id": product.messageId,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1_000)),
        "webhook-signature": signatures.join(" "),
      },
    });
    return outcomeOf(answer);
  } catch (error) {
    return { kind: error instanceof AddressRefused ? "refused" : "try-again", error: errorText(error) };
  }
}

/** null if the secret is invalid. */
function sign(secret: string, messageId: string, at: Date, body: string): string | null {
  try {
    return new Webhook(secret).sign(messageId, at, body);
  } catch {
    return null;
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
