import { ApiError } from "../api-error.ts";
import type { JsonObject } from "../json.ts";
import { type Params, paramsOf } from "../params.ts";

const parts = new Map<string, { bytes: Uint8Array; from: number }[]>();

/** Every piece but the last has at least this many bytes. */
const minPieceBytes = 5 * 1_024 * 1_024;

/**
 * One piece of a large upload (`Content-Range` with `X-Unique-Upload-Id`). Before the last piece there is only an
 * answer; with it, the parameters with the whole file.
 */
export async function gather(
  request: Request,
  params: Params,
): Promise<{ done: false; answer: JsonObject } | { done: true; params: Params }> {
  const range = /^bytes (\d+)-(-?\d+)\/(-?\d+)$/.exec(request.headers.get("content-range") ?? "");
  const id = request.headers.get("x-unique-upload-id");
  if (range === null || id === null || params.file === null) return { done: true, params };
  const [from = 0, , total = -1] = range.slice(1).map(Number);
  const bytes = await params.file.bytes();
  const isLast = total !== -1 && from + bytes.length >= total;
  if (!isLast && bytes.length < minPieceBytes)
    throw new ApiError(400, "All parts except EOF-chunk must be larger than 5mb");
  const pieces = [...(parts.get(id) ?? []), { bytes, from }];
  parts.set(id, pieces);
  const whole = Buffer.concat(pieces.sort((a, b) => a.from - b.from).map((piece) => piece.bytes));
  if (total === -1 || whole.length < total)
    return { done: false, answer: { done: false, bytes: whole.length } };
  parts.delete(id);
  if (whole.length > total) throw new ApiError(400, "Pieces of this upload overlap");
  return { done: true, params: paramsOf(params.fields, new File([whole], params.file.name)) };
}
