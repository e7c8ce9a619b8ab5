import { ApiError } from "./api-error.ts";
import type { Params } from "./params.ts";

const largest = 500;

/** `max_results` of a call; throws for one that no page can have. */
export function pageSize(params: Params, usual: number): number {
  const size = Number(params.text("max_results") ?? usual);
  if (!Number.isInteger(size) || size < 1 || size > largest)
    throw new ApiError(400, `max_results must be between 1 and ${largest}`);
  return size;
}
