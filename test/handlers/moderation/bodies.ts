import { hexId, plainAsset } from "../../support/bodies.ts";

/** What the bodies are about: an asset of the local Cloudinary, or the like of one. */
export interface Subject {
  asset_id: string;
  public_id: string;
  resource_type: string;
  type: string;
  version: number;
  format: string;
}

function delivery({ resource_type, type, version, public_id, format }: Subject): string {
  return `https://res.cloudinary.com/demo/${resource_type}/${type}/v${version}/${public_id}.${format}`;
}

/** An upload of the asset, as it is notified; `moderation` as the list of kinds and statuses. */
export function uploadOf(asset: Subject, changed: Record<string, unknown> = {}) {
  const { asset_id, public_id, resource_type, type, version, format } = asset;
  return {
    notification_type: "upload",
    timestamp: "2025-10-09T08:55:23+00:00",
    request_id: hexId(),
    ...{ asset_id, public_id, version, resource_type, type, format },
    created_at: "2025-10-09T08:55:23Z",
    tags: [],
    bytes: 100,
    secure_url: delivery(asset),
    asset_folder: "clips",
    ...changed,
  };
}

/** A decision, as Cloudinary tells it: without resource type, delivery type and timestamp. */
export function decisionOn(
  asset: Subject,
  status: string,
  { kind = "google_video_moderation", at = "2025-10-09T08:55:53Z", ...changed }: DecisionOptions = {},
) {
  return {
    notification_type: "moderation",
    moderation_kind: kind,
    moderation_status: status,
    moderation_updated_at: at,
    moderation_response: { moderation_confidence: "POSSIBLE", frames: [] },
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    uploaded_at: "2025-10-09T08:55:23Z",
    version: asset.version,
    secure_url: delivery(asset),
    etag: null,
    ...changed,
  };
}

export interface DecisionOptions {
  kind?: string;
  at?: string;
  [field: string]: unknown;
}

/** What the emulator holds of a restricted video, besides its ids and times. */
export function restrictedVideo() {
  return {
    resource_type: "video" as const,
    type: "upload",
    format: "mp4",
    bytes: 100,
    original_filename: "otters",
    asset_folder: "clips",
    display_name: "otters",
    ...plainAsset(),
    access_control: [{ access_type: "token" as const }],
  };
}
