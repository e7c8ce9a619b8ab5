/**
 * Writes playable video without a video encoder: in WebM every frame can be a VP8 key frame, and a lossy WebP picture
 * contains exactly one.
 */
export interface WebmVideo {
  width: number;
  height: number;
  durationMs: number;
  /** VP8 frames in playback order. */
  frames: { data: Uint8Array; atMs: number }[];
}

const id = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  timecodeScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  codec: 0x86,
  video: 0xe0,
  pixelWidth: 0xb0,
  pixelHeight: 0xba,
  cluster: 0x1f43b675,
  timecode: 0xe7,
  simpleBlock: 0xa3,
} as const;

const parents = new Set<number>([id.segment, id.info, id.tracks, id.trackEntry, id.video, id.cluster]);

export function writeWebm(video: WebmVideo): Buffer {
  return Buffer.concat([
    element(id.ebml, [
      uint(0x4286, 1),
      uint(0x42f7, 1),
      uint(0x42f2, 4),
      uint(0x42f3, 8),
      text(0x4282, "webm"),
      uint(0x4287, 2),
      uint(0x4285, 2),
    ]),
    element(id.segment, [
      element(id.info, [
        uint(id.timecodeScale, 1_000_000),
        text(0x4d80, "local"),
        text(0x5741, "local"),
        float(id.duration, video.durationMs),
      ]),
      element(id.tracks, [
        element(id.trackEntry, [
          uint(0xd7, 1),
          uint(0x73c5, 1),
          uint(0x83, 1),
          uint(0x9c, 0),
          text(id.codec, "V_VP8"),
          element(id.video, [uint(id.pixelWidth, video.width), uint(id.pixelHeight, video.height)]),
        ]),
      ]),
      ...video.frames.map((frame) =>
        element(id.cluster, [
          uint(id.timecode, Math.round(frame.atMs)),
          element(id.simpleBlock, [keyFrame(frame.data)]),
        ]),
      ),
    ]),
  ]);
}

/** Returns null if the bytes are not WebM with VP8, or if a frame depends on another frame. */
export function readWebm(bytes: Uint8Array): WebmVideo | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < 4 || buffer.readUInt32BE(0) !== id.ebml) return null;
  const video: WebmVideo = { width: 0, height: 0, durationMs: 0, frames: [] };
  let clusterAt = 0;
  let readable = true;
  walk(buffer, (elementId, data) => {
    if (elementId === id.codec) readable &&= data.toString("latin1") === "V_VP8";
    else if (elementId === id.pixelWidth) video.width = number(data);
    else if (elementId === id.pixelHeight) video.height = number(data);
    else if (elementId === id.duration)
      video.durationMs = data.length === 8 ? data.readDoubleBE(0) : data.readFloatBE(0);
    else if (elementId === id.timecode) clusterAt = number(data);
    else if (elementId === id.simpleBlock) {
      const frame = data.subarray(4);
      readable &&= frame.length > 0 && ((frame[0] ?? 1) & 1) === 0;
      video.frames.push({ data: frame, atMs: clusterAt + data.readInt16BE(1) });
    }
  });
  return readable && video.frames.length > 0 && video.width > 0 ? video : null;
}

/** Extracts the VP8 frame from a lossy WebP without alpha. */
export function vp8OfWebp(webp: Buffer): Buffer {
  for (let at = 12; at + 8 <= webp.length; ) {
    const size = webp.readUInt32LE(at + 4);
    if (webp.toString("latin1", at, at + 4) === "VP8 ") return webp.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  throw new Error("This WebP is not lossy: it holds no VP8 frame.");
}

/** Wraps a VP8 key frame as a WebP picture. */
export function webpOfVp8(frame: Uint8Array): Buffer {
  const padding = frame.length % 2;
  const header = Buffer.alloc(20);
  header.write("RIFF", 0, "latin1");
  header.writeUInt32LE(12 + frame.length + padding, 4);
  header.write("WEBPVP8 ", 8, "latin1");
  header.writeUInt32LE(frame.length, 16);
  return Buffer.concat([header, frame, Buffer.alloc(padding)]);
}

function walk(buffer: Buffer, visit: (elementId: number, data: Buffer) => void): void {
  for (let at = 0; at < buffer.length; ) {
    const idLength = Math.clz32(buffer.readUInt8(at)) - 23;
    if (idLength > 4 || at + idLength >= buffer.length) return;
    const elementId = buffer.readUIntBE(at, idLength);
    const sizeLength = Math.clz32(buffer.readUInt8(at + idLength)) - 23;
    const dataAt = at + idLength + sizeLength;
    if (sizeLength > 8 || dataAt > buffer.length) return;
    const end = Math.min(dataAt + sizeOf(buffer.subarray(at + idLength, dataAt)), buffer.length);
    const data = buffer.subarray(dataAt, end);
    if (parents.has(elementId)) walk(data, visit);
    else visit(elementId, data);
    at = end;
  }
}

/** Live recordings write the size "unknown", which means the rest of the file. */
function sizeOf(encoded: Buffer): number {
  const value = encoded.reduce(
    (sum, byte, at) => sum * 256 + (at === 0 ? byte & (0xff >> encoded.length) : byte),
    0,
  );
  return value === 2 ** (7 * encoded.length) - 1 ? Number.MAX_SAFE_INTEGER : value;
}

const number = (data: Buffer): number => data.reduce((sum, byte) => sum * 256 + byte, 0);

function element(elementId: number, parts: readonly Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(length) | (1n << 56n));
  return Buffer.concat([idBytes(elementId), size, ...parts]);
}

function idBytes(elementId: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(elementId);
  return bytes.subarray(bytes.findIndex((byte) => byte !== 0));
}

function uint(elementId: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(elementId, [bytes]);
}

function float(elementId: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(elementId, [bytes]);
}

const text = (elementId: number, value: string): Buffer => element(elementId, [Buffer.from(value, "latin1")]);

/** Track 1, no offset from the cluster's time, "key frame". */
const keyFrame = (data: Uint8Array): Buffer => Buffer.concat([Buffer.from([0x81, 0, 0, 0x80]), data]);
