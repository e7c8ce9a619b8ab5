import { ApiError } from "./api-error.ts";
import type { Params } from "./params.ts";

const largest = 500;

/** Reads `max_results`; throws if it is out of range. */
export function pageSize(params: Params, usual: number): number {
  const size = Number(params.text("max_results") ?? usual);
  if (!Number.isInteger(size) || size < 1 || size > largest)
    throw new ApiError(400, `max_results must be between 1 and ${largest}`);
  return size;
}
