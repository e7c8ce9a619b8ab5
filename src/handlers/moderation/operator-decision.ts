import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";

export interface Decide {
  assetId: string;
  /** The version that the operator saw. */
  version: number;
  status: "approved" | "rejected";
}

export type Decided =
  | { ok: true; publicId: string }
  /** `replaced`: the operator saw a version that is not there any more. */
  | { ok: false; reason: "gone" | "replaced" | "not-pending" };

/**
 * Approves or rejects a pending asset at Cloudinary. Nothing else is done here: what the decision means comes back as a
 * notification, like every other. Two Admin API calls. Throws `CloudinaryError`.
 */
export async function decide(api: CloudinaryApi, { assetId, version, status }: Decide): Promise<Decided> {
  const found = await api.find({ assetId });
  if (found === null) return { ok: false, reason: "gone" };
  if (found.version !== version) return { ok: false, reason: "replaced" };
  if (!found.moderation?.some((one) => one.status === "pending")) return { ok: false, reason: "not-pending" };
  const name = { publicId: found.public_id, resourceType: found.resource_type, type: found.type };
  await api.setModerationStatus(name, status);
  return { ok: true, publicId: found.public_id };
}
