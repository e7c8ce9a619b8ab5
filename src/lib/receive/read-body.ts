import { withDeadline } from "../shared/deadline.ts";

export type BodyReading =
  | { ok: true; body: Uint8Array }
  | { ok: false; reason: "body-too-large" | "body-unreadable" | "body-timeout" };

export interface BodyLimits {
  maxBodyBytes: number;
  bodyTimeoutMs: number;
}

/**
 * Reads the body, up to `maxBodyBytes` regardless of Content-Length, and up to the timeout. Decompresses gzip; the limit applies to
 * the decompressed size.
 */
export async function readBody(
  request: Request,
  { maxBodyBytes, bodyTimeoutMs }: BodyLimits,
): Promise<BodyReading> {
  if (Number(request.headers.get("content-length")) > maxBodyBytes)
    return { ok: false, reason: "body-too-large" };
  if (!request.body) return { ok: true, body: new Uint8Array() };
  const zipped = request.headers.get("content-encoding") === "gzip";
  const stream = zipped ? request.body.pipeThrough(new DecompressionStream("gzip")) : request.body;
  const reader = stream.getReader();
  try {
    return await withDeadline(bodyTimeoutMs, readAll(reader, maxBodyBytes), () => new BodyTimeout());
  } catch (error) {
    // Truncated or not gzip: it cannot be verified, and the sender retries.
    return { ok: false, reason: error instanceof BodyTimeout ? "body-timeout" : "body-unreadable" };
  } finally {
    // Not awaited, because an endless stream may ignore it.
    reader.cancel().catch(() => {});
  }
}

class BodyTimeout extends Error {
  override name = "BodyTimeout" as const;
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, limit: number): Promise<BodyReading> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    length += next.value.byteLength;
    if (length > limit) return { ok: false, reason: "body-too-large" };
    chunks.push(next.value);
  }
  const [only] = chunks;
  return { ok: true, body: chunks.length === 1 && only ? only : Buffer.concat(chunks, length) };
}
