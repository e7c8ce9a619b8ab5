import { createHash } from "node:crypto";
import { encodePublicId, joinDeliveryUrl, splitDeliveryUrl } from "./delivery-url.ts";

/**
 * The delivery URL of an asset with another transformation and format, signed, so that it also works for restricted delivery types
 * and with strict transformations. null if `url` is not the asset's delivery URL.
 */
export function signedDeliveryUrl(
  url: string,
  {
    publicId,
    transformation,
    format,
  }: { publicId: string; transformation: string | null; format: string | null },
  apiSecret: string,
): string | null {
  const parts = splitDeliveryUrl(url, publicId);
  if (parts === null) return null;
  const { transformation: _, format: own, ...rest } = parts;
  const extension = format ?? own;
  const source = `${encodePublicId(publicId)}${extension === undefined ? "" : `.${extension}`}`;
  const signed = [transformation, source].filter((part) => part !== null).join("/");
  const signature = createHash("sha1").update(`${signed}${apiSecret}`).digest("base64").slice(0, 8);
  return joinDeliveryUrl({
    ...rest,
    signature: signature.replaceAll("/", "_").replaceAll("+", "-"),
    ...(transformation !== null && { transformation }),
    ...(extension !== undefined && { format: extension }),
  });
}
