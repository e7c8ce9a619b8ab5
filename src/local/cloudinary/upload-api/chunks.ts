import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { type Params, paramsOf } from "../params.ts";

/** Minimum size of every chunk except the last. */
const minPieceBytes = 5 * 1_024 * 1_024;
/** Unfinished uploads. When there are too many, the one idle longest is dropped. */
const maxUnfinished = 20;

/** The chunks of each upload by start offset, so that a repeated chunk replaces the first copy. */
const unfinished = new Map<string, Map<number, Uint8Array>>();

/**
 * Adds one chunk of a large upload (`Content-Range` with `X-Unique-Upload-Id`). Returns an answer for every chunk but
 * the last, and then the parameters with the complete file.
 */
export async function gather(
  request: Request,
  params: Params,
): Promise<{ done: false; answer: JsonObject } | { done: true; params: Params }> {
  const header = request.headers.get("content-range");
  const id = request.headers.get("x-unique-upload-id");
  if (header === null || params.file === null) return { done: true, params };
  const { from, total } = rangeOf(header);
  if (id === null) throw new ApiError(400, "Missing header X-Unique-Upload-Id");
  const bytes = await params.file.bytes();
  const isLast = total !== null && from + bytes.length >= total;
  if (!isLast && bytes.length < minPieceBytes)
    throw new ApiError(400, "All parts except EOF-chunk must be larger than 5mb");
  const pieces = new Map(unfinished.get(id)).set(from, bytes);
  keep(id, pieces);
  const received = [...pieces.values()].reduce((sum, piece) => sum + piece.length, 0);
  if (total === null || received < total) return { done: false, answer: { done: false, bytes: received } };
  unfinished.delete(id);
  if (!isSeamless(pieces, total)) throw new ApiError(400, "Pieces of this upload overlap");
  const whole = inOrder(pieces).map(([, piece]) => new Uint8Array(piece));
  return { done: true, params: paramsOf(params.fields, new File(whole, params.file.name)) };
}

/** `bytes 0-5999999/20000000`; the total is -1 while it is unknown. */
function rangeOf(header: string): { from: number; total: number | null } {
  const [, from, total] = /^bytes (\d+)-(?:-?\d+)\/(-1|\d+)$/.exec(header) ?? [];
  if (from === undefined || total === undefined)
    throw new ApiError(400, `Invalid Content-Range header - ${header}`);
  return { from: Number(from), total: total === "-1" ? null : Number(total) };
}

function keep(id: string, pieces: Map<number, Uint8Array>): void {
  unfinished.delete(id);
  unfinished.set(id, pieces);
  const [oldest] = unfinished.keys();
  if (unfinished.size > maxUnfinished && oldest !== undefined) unfinished.delete(oldest);
}

const inOrder = (pieces: ReadonlyMap<number, Uint8Array>): [number, Uint8Array][] =>
  [...pieces].sort(([a], [b]) => a - b);

/** Whether the chunks are contiguous. */
function isSeamless(pieces: ReadonlyMap<number, Uint8Array>, total: number): boolean {
  let end = 0;
  for (const [from, piece] of inOrder(pieces)) {
    if (from !== end) return false;
    end += piece.length;
  }
  return end === total;
}
