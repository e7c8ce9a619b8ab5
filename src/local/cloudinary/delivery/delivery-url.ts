import { looksLikeTransformation } from "../media/transformation.ts";
import { urlSignatures } from "../signing.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";

/** The parts of `/<cloud>/<resource_type>/<type>/[s--signature--/][transformation/][v1/]<public_id>.<format>`. */
export interface DeliveryPath {
  resource_type: ResourceType;
  type: string;
  signature: string | null;
  transformation: string;
  /** The public id with its extension, decoded. */
  source: string;
  /** The same two parts as received, not decoded: the signature covers these. */
  raw: { transformation: string; source: string };
}

const resourceTypes = {
  image: "image",
  images: "image",
  video: "video",
  videos: "video",
  raw: "raw",
} as const;

/** Returns null if the path does not belong to this cloud. */
export function parseDeliveryPath(cloud: Cloud, pathname: string): DeliveryPath | null {
  const [cloudName, kind = "", type = "", ...rest] = pathname.split("/").slice(1);
  const resource_type = Object.entries(resourceTypes).find(([name]) => name === kind)?.[1];
  if (cloudName !== cloud.cloudName || resource_type === undefined || rest.length === 0) return null;
  const signature = /^s--[\w-]+--$/.test(rest[0] ?? "") ? (rest.shift() ?? null) : null;
  const from = rest.findIndex((segment) => !looksLikeTransformation(decodeURIComponent(segment)));
  const transformation = rest.splice(0, from === -1 ? rest.length - 1 : from).join("/");
  if (/^v\d+$/.test(rest[0] ?? "") && rest.length > 1) rest.shift();
  const source = rest.join("/");
  return {
    resource_type,
    type,
    signature,
    transformation: decodeURIComponent(transformation),
    source: decodeURIComponent(source),
    raw: { transformation, source },
  };
}

export function isSigned(cloud: Cloud, path: DeliveryPath): boolean {
  if (path.signature === null) return false;
  const secret = cloud.apiSecret;
  const given = path.signature.slice(3, -2);
  return [path.raw, { transformation: path.transformation, source: path.source }].some((part) =>
    urlSignatures({ ...part, secret }).includes(given),
  );
}

interface Address {
  transformation?: string;
  format?: string;
  version?: number;
}

/** Builds the URL of an asset or a variant, signed if its type requires that. */
export function deliveryUrls(
  cloud: Cloud,
  asset: Asset,
  address: Address = {},
): { url: string; secure_url: string } {
  const transformation = address.transformation ?? "";
  const format = address.format ?? asset.format;
  const id = encodeURIComponent(asset.public_id).replaceAll("%2F", "/").replaceAll("%3A", ":");
  const source = format === "" || asset.resource_type === "raw" ? id : `${id}.${format}`;
  const signed = asset.type === "authenticated" || (asset.type === "private" && transformation === "");
  const [signature] = urlSignatures({ transformation, source, secret: cloud.apiSecret });
  const secure_url = [
    cloud.baseUrl,
    cloud.cloudName,
    asset.resource_type,
    asset.type,
    ...(signed ? [`s--${signature}--`] : []),
    ...(transformation === "" ? [] : [transformation]),
    `v${address.version ?? asset.version}`,
    source,
  ].join("/");
  return { url: secure_url.replace(/^https:/, "http:"), secure_url };
}
