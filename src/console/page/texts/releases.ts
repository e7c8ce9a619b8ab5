import type { Release } from "../../shared/moderation.ts";
import { type HandlerWords, handlerWords } from "./handlers.ts";

/** The names of the acts on deliveries that need attention. `release`: what each of them does to its picture, if that is known. */
export function releaseWords(
  handler: string,
  cause: string | null,
  state: "dead" | "held",
  release: Release | null,
): HandlerWords {
  const words = handlerWords(handler, cause, state === "dead" ? { decision: null } : undefined);
  if (release === null) return words;
  if (release.does === "delete")
    return {
      ...words,
      red: true,
      again: "Delete picture",
      againMany: (count) => `Delete ${count} pictures`,
      againLead: "Deletes the picture in Cloudinary, with all derived assets. This cannot be undone.",
    };
  if (release.does === "publish")
    return {
      ...words,
      red: false,
      again: "Publish picture",
      againMany: (count) => `Publish ${count} pictures`,
      againLead: `Makes the picture public${release.as === "" ? "" : ` as ${release.as}`}.`,
    };
  return words;
}
