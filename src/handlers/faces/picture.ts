import type { CloudinaryAccount } from "../../config.types.ts";
import type { FoundAsset } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import { downloadUrl } from "../../lib/cloudinary/download-url.ts";
import { signedDeliveryUrl } from "../../lib/cloudinary/signed-delivery-url.ts";
import { errorText } from "../../lib/shared/log.ts";
import { imageSize } from "./image-size.ts";
import type { Box } from "./rekognition.ts";

/** A picture as Rekognition takes it: PNG or JPEG, upright, up to 5 MB. */
export interface Picture {
  bytes: Uint8Array;
  width: number;
  height: number;
  /** The transformation that made it of the original; null: it is the original. */
  transformation: string | null;
  /** Crops of it cannot be requested, because only the original can be downloaded. */
  isRestricted: boolean;
}

/** The picture cannot be read, and no retry helps. `reason` is shown. */
export class PictureUnreadable extends Error {
  override name = "PictureUnreadable" as const;
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Cloudinary did not deliver the picture; a retry may help. */
export class PictureNotDelivered extends Error {
  override name = "PictureNotDelivered" as const;
}

const maxBytes = 5 * 1024 * 1024;
const minSide = 80;
const timeoutMs = 15_000;
/** Large enough for the faces of a group, and as a JPEG below 5 MB. */
const smaller = "c_limit,h_2048,w_2048/q_85";

export interface Means {
  account: CloudinaryAccount;
  signal: AbortSignal;
}

/** The picture, or a smaller JPEG of it where Rekognition does not take the original. */
export async function fetchPicture(asset: FoundAsset, means: Means): Promise<Picture> {
  const original = isOriginalGood(asset) ? await fetchOriginal(asset, means) : null;
  const size = original?.bytes ? imageSize(original.bytes) : null;
  const isRestricted = original?.isRestricted ?? needsToken(asset);
  if (original?.bytes && size && !size.isTurned)
    return checked(original.bytes, { ...size, transformation: null, isRestricted });
  if (isRestricted) throw new PictureUnreadable("restricted-by-access-control");
  const bytes = await fetchDerived(asset, smaller, means);
  const smallerSize = bytes && imageSize(bytes);
  if (!bytes || !smallerSize) throw new PictureUnreadable("not-a-picture");
  return checked(bytes, { ...smallerSize, transformation: smaller, isRestricted: false });
}

function checked(bytes: Uint8Array, about: Omit<Picture, "bytes">): Picture {
  const { width, height, transformation, isRestricted } = about;
  if (width < minSide || height < minSide) throw new PictureUnreadable("picture-too-small");
  return { bytes, width, height, transformation, isRestricted };
}

/** Room around the face, of its size; Rekognition finds faces more easily with some. */
const margin = 0.25;

export interface Crop {
  bytes: Uint8Array;
  /** Where the face is in the crop. */
  box: Box;
}

/** One face, cut out by Cloudinary. null: it cannot be cut out. */
export async function fetchFace(
  asset: FoundAsset,
  { picture, box }: { picture: Picture; box: Box },
  means: Means,
): Promise<Crop | null> {
  if (picture.isRestricted) return null;
  const { width, height } = picture;
  const left = Math.max(0, Math.floor((box.left - margin * box.width) * width));
  const top = Math.max(0, Math.floor((box.top - margin * box.height) * height));
  const right = Math.min(width, Math.ceil((box.left + (1 + margin) * box.width) * width));
  const bottom = Math.min(height, Math.ceil((box.top + (1 + margin) * box.height) * height));
  const crop = { width: right - left, height: bottom - top };
  if (crop.width < 1 || crop.height < 1) return null;
  const cut = `c_crop,h_${crop.height},w_${crop.width},x_${left},y_${top}`;
  const enlarged =
    Math.min(crop.width, crop.height) < 2 * minSide ? [`c_scale,w_${enlargedWidth(crop)}`] : [];
  const steps = [picture.transformation, cut, ...enlarged].filter((step) => step !== null);
  const bytes = await fetchDerived(asset, steps.join("/"), means);
  if (!bytes) return null;
  const inside = {
    left: (box.left * width - left) / crop.width,
    top: (box.top * height - top) / crop.height,
    width: (box.width * width) / crop.width,
    height: (box.height * height) / crop.height,
  };
  return { bytes, box: inside };
}

/** Both sides become at least twice as long as Rekognition's minimum. */
function enlargedWidth({ width, height }: { width: number; height: number }): number {
  return Math.ceil(width * ((2 * minSide) / Math.min(width, height)));
}

function isOriginalGood({ format, bytes }: FoundAsset): boolean {
  return ["png", "jpg", "jpeg"].includes(format ?? "") && (bytes ?? 0) <= maxBytes;
}

/** Restricted by access control: a signed URL is not enough, and only the original can be downloaded. */
function needsToken({ access_control: rules, access_mode: mode }: FoundAsset): boolean {
  return (rules ?? []).length > 0
    ? !(rules ?? []).some(({ access_type, start, end }) => access_type === "anonymous" && !start && !end)
    : mode === "authenticated";
}

interface Original {
  /** null: too large. */
  bytes: Uint8Array | null;
  isRestricted: boolean;
}

async function fetchOriginal(asset: FoundAsset, { account, signal }: Means): Promise<Original> {
  const isRestricted = needsToken(asset);
  const { secure_url: url } = asset;
  if (asset.type === "upload" && !isRestricted && url) {
    try {
      return { bytes: await fetchBytes(url, signal), isRestricted };
    } catch (error) {
      // Cloudinary's answer to the look may lack the access control.
      if (!(error instanceof PictureUnreadable && error.reason === "not-allowed")) throw error;
    }
  }
  const download = downloadUrl(account, assetNameOf(asset), {
    format: asset.format ?? "jpg",
    now: Date.now(),
  });
  return { bytes: await fetchBytes(download, signal), isRestricted: isRestricted || asset.type === "upload" };
}

async function fetchDerived(
  asset: FoundAsset,
  transformation: string,
  { account, signal }: Means,
): Promise<Uint8Array | null> {
  const wanted = { publicId: asset.public_id, transformation, format: "jpg" };
  const url = signedDeliveryUrl(asset.secure_url ?? "", wanted, account.apiSecret);
  if (url === null) throw new PictureUnreadable("no-address");
  return await fetchBytes(url, signal);
}

/** null if it is longer than Rekognition takes. */
async function fetchBytes(url: string, signal: AbortSignal): Promise<Uint8Array | null> {
  signal.throwIfAborted();
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
    if (response.ok) return await bytesOf(response);
    await response.body?.cancel();
  } catch (error) {
    signal.throwIfAborted();
    throw new PictureNotDelivered(`Cloudinary did not deliver the picture: ${errorText(error)}`);
  }
  const { status } = response;
  if (status === 401 || status === 403) throw new PictureUnreadable("not-allowed");
  if (status === 404) throw new PictureUnreadable("not-delivered");
  if (status === 400 || status === 415) throw new PictureUnreadable("not-a-picture");
  throw new PictureNotDelivered(`Cloudinary answered ${status} to the request for the picture`);
}

async function bytesOf(response: Response): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // The type of a web stream in Node does not say that it can be iterated.
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
