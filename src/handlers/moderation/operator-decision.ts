import type { CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";

export interface Decide {
  assetId: string;
  /** The version that the operator saw. */
  version: number;
  status: "approved" | "rejected";
  /** The status that the operator saw; a final one is overridden. */
  seen?: "pending" | "approved" | "rejected";
}

export type Decided =
  | { ok: true; publicId: string }
  /** `replaced`: the version that the operator saw no longer exists. `not-pending`: someone else has decided. */
  | { ok: false; reason: "gone" | "replaced" | "not-pending" };

/**
 * Approves or rejects an asset at Cloudinary, if its moderation status is still the one that the operator saw. The action follows
 * when Cloudinary sends the notification of the decision. Two Admin API calls. Throws `CloudinaryError`.
 */
export async function decide(
  api: CloudinaryApi,
  { assetId, version, status, seen = "pending" }: Decide,
): Promise<Decided> {
  const found = await api.find({ assetId });
  if (found === null) return { ok: false, reason: "gone" };
  if (found.version !== version) return { ok: false, reason: "replaced" };
  if (stateOf(found) !== seen) return { ok: false, reason: "not-pending" };
  const name = { publicId: found.public_id, resourceType: found.resource_type, type: found.type };
  await api.setModerationStatus(name, status);
  return { ok: true, publicId: found.public_id };
}

/** Pending while any kind is pending; otherwise one rejection decides. */
function stateOf({ moderation }: FoundAsset): string | undefined {
  const statuses = moderation?.map(({ status }) => status) ?? [];
  return ["pending", "rejected", "approved"].find((status) => statuses.includes(status));
}
