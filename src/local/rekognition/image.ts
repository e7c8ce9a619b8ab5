import sharp from "sharp";
import { invalidParameter, RekognitionError } from "./errors.ts";

const maxBytes = 5 * 1024 * 1024;
const minSide = 80;

/** The bytes of an image that Rekognition accepts; throws its errors for others. */
export async function readImage({
  Bytes: base64,
  S3Object,
}: {
  Bytes?: string | undefined;
  S3Object?: unknown;
}) {
  if (S3Object !== undefined)
    throw new RekognitionError("InvalidS3ObjectException", "Not emulated: images in S3.");
  if (base64 === undefined || base64 === "") throw invalidParameter("Request has invalid parameters");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length > maxBytes)
    throw new RekognitionError("ImageTooLargeException", "Image size is too large. Max image size: 5MB");
  const isKnown = bytes.readUInt16BE(0) === 0xffd8 || bytes.subarray(0, 4).toString("latin1") === "\x89PNG";
  const { width, height } = isKnown ? await sizeOf(bytes) : unreadable;
  if (width === 0)
    throw new RekognitionError("InvalidImageFormatException", "Request has invalid image format");
  if (width < minSide || height < minSide)
    throw invalidParameter(`Request has invalid parameters: the image is smaller than ${minSide} pixels`);
  return bytes;
}

const unreadable = { width: 0, height: 0 };

async function sizeOf(bytes: Buffer): Promise<{ width: number; height: number }> {
  try {
    const { width, height } = await sharp(bytes).metadata();
    return { width, height };
  } catch {
    return unreadable; // sharp rejects broken files with many different messages.
  }
}
