import { property } from "../../lib/shared/json.ts";

/** A decision that Cloudinary does not confirm, so that nothing was changed. */
export interface Withheld {
  does: "delete" | "publish" | "review";
  /** What Cloudinary has: the statuses of its moderations. null: none. */
  cloudinary: string | null;
}

/** From the result of a delivery that is held as `not-confirmed`; null if it is another result. */
export function withheldIn(result: unknown): Withheld | null {
  const said = property(property(result, "notification"), "status");
  if (typeof said !== "string") return null;
  const moderation = property(property(result, "cloudinary"), "moderation");
  const statuses = (Array.isArray(moderation) ? moderation : []).flatMap((one) => {
    const [kind, status] = [property(one, "kind"), property(one, "status")];
    return typeof kind === "string" && typeof status === "string" ? [`${kind}: ${status}`] : [];
  });
  return { does: withheldBy(said), cloudinary: statuses.length > 0 ? statuses.join(", ") : null };
}

/** The action that a status leads to. */
export function withheldBy(status: string): Withheld["does"] {
  return status === "rejected" ? "delete" : status === "approved" ? "publish" : "review";
}
