import { randomBytes } from "node:crypto";
import type { SampleKind } from "../shared/samples.ts";

/** A picture of Cloudinary's public demo cloud. */
const picture = "https://res.cloudinary.com/demo/image/upload";
const publicId = "samples/oak-chair";
const assetId = "5a3ple0000000000000000000000c4a1";
const version = 1_312_461_204;

/** The whole body of a sample. Nothing in it comes from the request: only the time and two random ids differ. */
export function sampleBody(kind: SampleKind, now: Date): string {
  if (kind === "unreadable") return `this is no JSON, sent as a sample at ${now.toISOString()}`;
  const common = {
    timestamp: now.toISOString(),
    request_id: randomBytes(16).toString("hex"),
    notification_context: {
      triggered_at: now.toISOString(),
      triggered_by: { source: "console", id: "sample" },
    },
  };
  const asset = {
    asset_id: assetId,
    public_id: publicId,
    version,
    resource_type: "image",
    type: "upload",
    secure_url: `${picture}/v${version}/sample.jpg`,
    display_name: "Oak chair (sample)",
  };
  const named = { asset_id: assetId, public_id: publicId, resource_type: "image", type: "upload" };
  const bodies = {
    upload: {
      notification_type: "upload",
      ...common,
      ...asset,
      width: 864,
      height: 576,
      format: "jpg",
      bytes: 120_253,
      tags: ["sample"],
      original_filename: "oak-chair",
    },
    eager: {
      notification_type: "eager",
      ...common,
      ...asset,
      batch_id: randomBytes(32).toString("hex"),
      eager: [
        {
          transformation: "c_fill,h_300,w_400",
          width: 400,
          height: 300,
          bytes: 18_149,
          format: "jpg",
          secure_url: `${picture}/c_fill,h_300,w_400/v${version}/sample.jpg`,
        },
      ],
    },
    moderation: {
      notification_type: "moderation",
      ...common,
      ...asset,
      moderation_kind: "manual",
      moderation_status: "approved",
      moderation_updated_at: now.toISOString(),
    },
    tags: {
      notification_type: "resource_tags_changed",
      ...common,
      source: "console",
      resources: [{ ...named, added: ["outlet"], removed: [], updated: [] }],
    },
    delete: {
      notification_type: "delete",
      ...common,
      resources: [{ ...named, version }],
    },
  };
  return JSON.stringify(bodies[kind]);
}
