import type { ApprovalApi } from "../../../src/handlers/pim/confirm-approval.ts";
import type { FoundAsset } from "../../../src/lib/cloudinary/api.ts";

interface Held {
  version: number;
  statuses: Map<string, { status: string; updated_at?: string }>;
}

/** Cloudinary's moderation of some assets: what it was told of, in the order in which that happened. */
export function fakeAccount() {
  const assets = new Map<string, Held>();

  function heldOf(id: string, version: number): Held | undefined {
    const known = assets.get(id);
    if (known !== undefined && known.version >= version) return known.version === version ? known : undefined;
    const held: Held = { version, statuses: new Map() };
    assets.set(id, held);
    return held;
  }

  return {
    /** A genuine notification: Cloudinary has what it says. */
    hear(body: Readonly<Record<string, unknown>>): void {
      const {
        asset_id: id,
        version,
        moderation,
        moderation_kind,
        moderation_status,
        moderation_updated_at,
      } = body;
      if (typeof id !== "string" || typeof version !== "number") return;
      const held = heldOf(id, version);
      for (const { kind, status } of Array.isArray(moderation) ? moderation : [])
        held?.statuses.set(kind, { status });
      if (moderation_kind !== undefined)
        held?.statuses.set(String(moderation_kind), {
          status: String(moderation_status),
          ...(moderation_updated_at !== undefined && { updated_at: String(moderation_updated_at) }),
        });
    },
    api: {
      within() {
        return this;
      },
      async find({ assetId }): Promise<FoundAsset | null> {
        const held = assets.get(assetId ?? "");
        return held === undefined
          ? null
          : {
              asset_id: assetId ?? "",
              public_id: "any",
              resource_type: "image",
              type: "upload",
              version: held.version,
              moderation: [...held.statuses].map(([kind, said]) => ({ kind, ...said })),
            };
      },
    } satisfies ApprovalApi,
  };
}
