import { ApiError } from "./api-error.ts";
import type { ResourceType } from "./store/state.ts";

export function resourceTypeOf(text: string): ResourceType {
  if (text === "image" || text === "video" || text === "raw") return text;
  throw new ApiError(400, `Invalid resource_type ${text}`);
}
