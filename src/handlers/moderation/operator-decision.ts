import type { CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";

export interface Decide {
  assetId: string;
  /** The version that the operator saw. */
  version: number;
  status: "approved" | "rejected";
  /** What the operator saw of the decision; a final one is overridden. */
  seen?: "pending" | "approved" | "rejected";
}

export type Decided =
  | { ok: true; publicId: string }
  /** `replaced`: the operator saw a version that is not there any more. `not-pending`: somebody decided meanwhile. */
  | { ok: false; reason: "gone" | "replaced" | "not-pending" };

/**
 * Approves or rejects an asset at Cloudinary, as long as its moderation is as the operator saw it. Nothing else is done here: what the
 * decision means comes back as a notification, like every other. Two Admin API calls. Throws `CloudinaryError`.
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

/** Pending while any kind is; else one rejection decides. */
function stateOf({ moderation }: FoundAsset): string | undefined {
  const statuses = moderation?.map(({ status }) => status) ?? [];
  return ["pending", "rejected", "approved"].find((status) => statuses.includes(status));
}
