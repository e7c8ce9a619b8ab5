export type BodyReading =
  | { ok: true; body: Uint8Array }
  | { ok: false; reason: "body-too-large" | "body-unreadable" };

/** Reads up to `limit` bytes and stops there, whatever content-length says. Undoes gzip, whose output counts. */
export async function readBody(request: Request, limit: number): Promise<BodyReading> {
  if (Number(request.headers.get("content-length")) > limit) return { ok: false, reason: "body-too-large" };
  if (!request.body) return { ok: true, body: new Uint8Array() };
  const zipped = request.headers.get("content-encoding") === "gzip";
  const stream = zipped ? request.body.pipeThrough(new DecompressionStream("gzip")) : request.body;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      length += chunk.byteLength;
      if (length > limit) return { ok: false, reason: "body-too-large" };
      chunks.push(chunk);
    }
  } catch {
    return { ok: false, reason: "body-unreadable" }; // Cut off, or not gzip: nothing to verify, and the sender tries again.
  }
  const [only] = chunks;
  return { ok: true, body: chunks.length === 1 && only ? only : Buffer.concat(chunks, length) };
}
