import { randomBytes } from "node:crypto";
import type { NotificationType } from "../../lib/notifications/types.ts";
import {
  type BodyOptions,
  derivedUrls,
  type Fields,
  hexId,
  instant,
  named,
  nameOf,
  offsetTime,
} from "./asset.ts";
import { changes, folders, others } from "./more-bodies.ts";

/** The body that Cloudinary would send at the time `now`; each call generates new request and batch ids. */
export function bodyOf(type: NotificationType, options: BodyOptions): Fields {
  return {
    notification_type: type,
    ...bodies[type](options),
    notification_context: {
      triggered_at: options.now.toISOString().replace("Z", "000Z"),
      triggered_by: { source: "api", id: options.apiKey },
    },
    signature_key: options.apiKey,
  };
}

/** The fields of every type, in addition to the common ones. A type without an entry does not compile. */
const bodies = {
  ...folders,
  ...changes,
  ...others,
  upload,
  eager,
  moderation,
  moderation_summary: moderationSummary,
  info,
  delete: deleted,
  delete_by_token: ({ asset }) => ({ ...nameOf(asset), version: asset.version }),
} satisfies Record<NotificationType, (options: BodyOptions) => Fields>;

function upload({ asset, now, isPending }: BodyOptions) {
  const { asset_id, public_id, asset_folder, display_name, uploaded_at: _, ...facts } = asset;
  return {
    timestamp: offsetTime(now),
    request_id: hexId(),
    asset_id,
    public_id,
    ...facts,
    resource_type: "image",
    tags: [],
    type: "upload",
    placeholder: false,
    access_mode: "public",
    asset_folder,
    display_name,
    ...(isPending && {
      access_control: [{ access_type: "token" }],
      moderation: [{ kind: "manual", status: "pending" }],
    }),
  };
}

/** A square with a watermark, as requested by an upload with `eager_async`. */
function eager({ asset, now }: BodyOptions) {
  const transformation = "c_fill,g_auto,h_400,w_400/l_shop:mark,g_south_east,o_60,w_80,x_12,y_12";
  return {
    timestamp: offsetTime(now),
    request_id: hexId(),
    eager: [
      {
        transformation,
        width: 400,
        height: 400,
        bytes: 28_214,
        format: asset.format,
        ...derivedUrls(asset, transformation),
      },
    ],
    batch_id: randomBytes(32).toString("hex"),
    ...named(asset),
  };
}

/** A manual approval. */
function moderation({ asset, now }: BodyOptions) {
  const { uploaded_at, version, url, secure_url, etag } = asset;
  return {
    moderation_response: {},
    moderation_status: "approved",
    moderation_kind: "manual",
    moderation_updated_at: instant(now),
    ...named(asset),
    uploaded_at,
    version,
    url,
    secure_url,
    etag,
  };
}

/** All moderations of an upload together; Cloudinary does not document this body. */
function moderationSummary({ asset, now }: BodyOptions) {
  const { version, url, secure_url, etag } = asset;
  return {
    moderation_status: "approved",
    moderation: [{ kind: "manual", status: "approved", updated_at: instant(now) }],
    ...named(asset),
    version,
    url,
    secure_url,
    etag,
  };
}

/** A result of background removal. */
function info({ asset }: BodyOptions) {
  const { uploaded_at, version, url, secure_url, etag } = asset;
  return {
    info_kind: "cloudinary_ai",
    info_status: "complete",
    info_data: { cloudinary_ai_fine_edges: false, cloudinary_ai_hints: [], confidence_score: 0.97 },
    ...named(asset),
    uploaded_at,
    version,
    url,
    secure_url,
    etag,
  };
}

function deleted({ asset }: BodyOptions) {
  const { version, asset_folder, display_name } = asset;
  return { resources: [{ ...nameOf(asset), version, asset_folder, display_name }] };
}
