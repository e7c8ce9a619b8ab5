import { randomBytes } from "node:crypto";

/** Invented ids, as long as Cloudinary's. */
export function hexId(length = 32): string {
  return randomBytes(length / 2).toString("hex");
}

/** An upload that names its instant, as modern environments send it. */
export function uploadBody(changed: Record<string, unknown> = {}) {
  const version = 1_760_000_123;
  return {
    notification_type: "upload",
    timestamp: "2025-10-09T08:55:23+00:00",
    request_id: hexId(),
    asset_id: hexId(),
    public_id: "garden/watering-can",
    version,
    version_id: hexId(),
    width: 800,
    height: 600,
    format: "jpg",
    resource_type: "image",
    created_at: "2025-10-09T08:55:23Z",
    tags: [],
    bytes: 48_211,
    type: "upload",
    etag: hexId(),
    placeholder: false,
    url: `http://res.cloudinary.com/demo/image/upload/v${version}/garden/watering-can.jpg`,
    secure_url: `https://res.cloudinary.com/demo/image/upload/v${version}/garden/watering-can.jpg`,
    ...changed,
  };
}

/** A delete as it was before 2024: nothing in it says when. */
export function oldDeleteBody(publicId = "pond/carp") {
  return {
    notification_type: "delete",
    resources: [
      {
        resource_type: "image",
        type: "upload",
        asset_id: "0123456789abcdef0123456789abcdef",
        public_id: publicId,
        version: 1_644_952_831,
      },
    ],
  };
}

/** What the local Cloudinary holds of an asset to which nobody added anything, besides what tells it from others. */
export function plainAsset() {
  return {
    tags: [],
    context: {},
    metadata: {},
    access_mode: "public" as const,
    placeholder: false,
    versions: [],
    related: [],
    access_control: [],
    moderation: [],
    moderation_notification_url: null,
    derived: [],
    file: "none",
  };
}
