import type { Release } from "../../shared/moderation.ts";
import { type HandlerWords, handlerWords } from "./handlers.ts";

/** The names of the acts on a delivery that needs attention. `release`: what its release does to a picture, if that is known. */
export function releaseWords(
  handler: string,
  cause: string | null,
  state: "dead" | "held",
  release: Release | null,
): HandlerWords {
  const words = handlerWords(handler, cause, state === "dead" ? { decision: null } : undefined);
  if (state !== "held" || release === null) return words;
  if (release.does === "delete")
    return {
      ...words,
      red: true,
      again: "Delete picture",
      againLead: "Deletes the picture in Cloudinary, with all derived assets.",
    };
  if (release.does === "publish")
    return {
      ...words,
      again: "Publish picture",
      againLead: `Makes the picture public${release.as === "" ? "" : ` as ${release.as}`}.`,
    };
  return words;
}
