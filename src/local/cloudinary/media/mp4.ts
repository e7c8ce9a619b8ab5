export interface Mp4Facts {
  width: number;
  height: number;
  durationMs: number;
}

/** Reads size and duration from the headers of an MP4 or MOV file; null if it is neither. */
export function readMp4(bytes: Uint8Array): Mp4Facts | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const brand = buffer.toString("latin1", 8, 12);
  if (buffer.toString("latin1", 4, 8) !== "ftyp" || /^(avi[fs]|hei[cx]|mif1)$/.test(brand)) return null;
  const facts: Mp4Facts = { width: 0, height: 0, durationMs: 0 };
  walk(buffer, (type, box) => {
    if (type === "mvhd") {
      const long = box.readUInt8(0) === 1;
      const scale = box.readUInt32BE(long ? 20 : 12);
      const duration = long ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16);
      facts.durationMs = scale === 0 ? 0 : (duration / scale) * 1_000;
    } else if (type === "tkhd") {
      // The last eight bytes are the size in 16.16 fixed point; it is zero for audio tracks.
      const width = box.readUInt32BE(box.length - 8) >>> 16;
      if (width > 0) Object.assign(facts, { width, height: box.readUInt32BE(box.length - 4) >>> 16 });
    }
  });
  return facts;
}

function walk(buffer: Buffer, visit: (type: string, box: Buffer) => void): void {
  for (let at = 0; at + 8 <= buffer.length; ) {
    const short = buffer.readUInt32BE(at);
    const type = buffer.toString("latin1", at + 4, at + 8);
    const isLong = short === 1 && at + 16 <= buffer.length;
    const size = isLong ? Number(buffer.readBigUInt64BE(at + 8)) : short === 0 ? buffer.length - at : short;
    if (size < 8) return;
    const box = buffer.subarray(at + (isLong ? 16 : 8), at + size);
    if (type === "moov" || type === "trak") walk(box, visit);
    else if (type === "mvhd" || type === "tkhd") visit(type, box);
    at += size;
  }
}
