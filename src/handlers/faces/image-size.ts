export interface ImageSize {
  width: number;
  height: number;
  format: "png" | "jpg";
  /** Whether the pixels have to be turned to show the picture upright (EXIF). */
  isTurned: boolean;
}

const pngStart = "89504e470d0a1a0a";

/** Reads size and orientation from the header of a PNG or JPEG; null for everything else. */
export function imageSize(bytes: Uint8Array): ImageSize | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length >= 24 && view.toString("hex", 0, 8) === pngStart)
    return { width: view.readUInt32BE(16), height: view.readUInt32BE(20), format: "png", isTurned: false };
  return view.length >= 4 && view.readUInt16BE(0) === 0xffd8 ? jpegSize(view) : null;
}

function jpegSize(view: Buffer): ImageSize | null {
  let isTurned = false;
  for (let at = 2; at + 9 < view.length; ) {
    if (view[at] !== 0xff) return null;
    const marker = view.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // A fill byte.
      continue;
    }
    const length = view.readUInt16BE(at + 2);
    // All frame headers, except for the tables and extensions between them.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: view.readUInt16BE(at + 7), height: view.readUInt16BE(at + 5), format: "jpg", isTurned };
    if (marker === 0xe1) isTurned ||= orientationOf(view.subarray(at + 4, at + 2 + length)) > 1;
    at += 2 + length;
  }
  return null;
}

/** The orientation in an Exif segment; 1 (upright) if it has none. */
function orientationOf(segment: Buffer): number {
  if (segment.length < 14 || segment.toString("latin1", 0, 6) !== "Exif\0\0") return 1;
  const tiff = segment.subarray(6);
  const isLittle = tiff.toString("latin1", 0, 2) === "II";
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return 1;
  const count = short(start);
  for (let entry = start + 2; entry < start + 2 + 12 * count && entry + 10 <= tiff.length; entry += 12)
    if (short(entry) === 0x0112) return short(entry + 8);
  return 1;
}
