import { randomBytes } from "node:crypto";
import {
  type BodyOptions,
  derivedUrls,
  type Fields,
  hexId,
  named,
  nameOf,
  offsetTime,
  type SimulatedAsset,
  simulatedFolder,
  simulatedSku,
} from "./asset.ts";
/** Notifications about folders, which name no assets. */
export const folders = {
  create_folder: () => ({ source: "ui", folder_path: simulatedFolder, folder_name: simulatedSku }),
  delete_folder: () => ({ source: "ui", folder_path: `${simulatedFolder}/drafts` }),
  move_or_rename_asset_folder: () => ({
    from_path: `drafts/${simulatedSku}`,
    to_path: simulatedFolder,
    status: "completed",
  }),
};

/** Notifications about fields of an asset that have changed. */
export const changes = {
  access_control_changed: changed(() => ({
    previous_access_control: [{ access_type: "token" }],
    new_access_control: [{ access_type: "anonymous" }],
  })),
  resource_tags_changed: changed(() => ({ added: [`sku:${simulatedSku}`, "summer"], removed: [] })),
  resource_context_changed: changed(() => ({
    added: [{ name: "alt", value: "A vase" }],
    updated: [],
    removed: [],
  })),
  resource_metadata_changed: changed(() => ({
    previous_metadata: {},
    new_metadata: { sku: simulatedSku },
  })),
  resource_display_name_changed: changed(({ display_name }) => ({
    previous_display_name: display_name,
    new_display_name: "Vase, front",
  })),
  move: changed(({ asset_folder }) => ({ from_folder: "drafts", to_folder: asset_folder })),
  rename: ({ asset, now }: BodyOptions) => {
    const { asset_id, public_id, asset_folder, display_name } = asset;
    return {
      timestamp: offsetTime(now),
      request_id: hexId(),
      resource_type: "image",
      type: "upload",
      asset_id,
      asset_folder,
      display_name,
      from_public_id: `drafts/${display_name}`,
      to_public_id: public_id,
    };
  },
  restore_asset_version: ({ asset, now }: BodyOptions) => ({
    timestamp: offsetTime(now),
    ...nameOf(asset),
    version: asset.version,
  }),
};

function changed(fieldsOf: (asset: SimulatedAsset) => Fields) {
  return ({ asset, now }: BodyOptions): Fields => ({
    timestamp: offsetTime(now),
    request_id: hexId(),
    source: "api",
    resources: [{ ...nameOf(asset), asset_folder: asset.asset_folder, ...fieldsOf(asset) }],
  });
}

/** The fields of notifications whose own fields are unknown: Cloudinary lists the type, and documents no body. */
const undocumented = ({ now }: BodyOptions): Fields => ({ timestamp: offsetTime(now) });

/** Results of operations, and types that are hardly ever sent. */
export const others = {
  explode: ({ asset }: BodyOptions) => ({
    pages: 2,
    image_infos: [1, 2].map((number) => ({
      width: asset.width,
      height: asset.height,
      bytes: asset.bytes,
      ...derivedUrls(asset, `pg_${number}`),
    })),
    batch_id: randomBytes(32).toString("hex"),
    asset_id: asset.asset_id,
  }),
  sprite: ({ asset }: BodyOptions) => {
    const links = ["css", "png", "json"].map((extension) =>
      generated(asset, { type: "sprite", name: simulatedSku, extension }),
    );
    const [css, image, json] = links;
    return {
      css_url: css?.url,
      secure_css_url: css?.secure_url,
      image_url: image?.url,
      secure_image_url: image?.secure_url,
      json_url: json?.url,
      secure_json_url: json?.secure_url,
      version: asset.version,
      asset_id: hexId(),
      public_id: simulatedSku,
      image_infos: { [asset.url]: { width: asset.width, height: asset.height, x: 0, y: 0 } },
    };
  },
  multi: ({ asset }: BodyOptions) => ({
    ...generated(asset, { type: "multi", name: simulatedSku, extension: "gif" }),
    asset_id: hexId(),
    public_id: simulatedSku,
    version: asset.version,
  }),
  generate_archive: ({ asset }: BodyOptions) => ({
    asset_id: hexId(),
    public_id: `${simulatedSku}.zip`,
    version: asset.version,
    version_id: hexId(),
    resource_type: "raw",
    created_at: asset.created_at,
    tags: [],
    bytes: asset.bytes,
    type: "upload",
    etag: hexId(),
    placeholder: false,
    ...archiveUrls(asset),
    asset_folder: "",
    display_name: `${simulatedSku}.zip`,
    resource_count: 1,
    file_count: 1,
  }),
  error: ({ asset, now }: BodyOptions) => ({
    timestamp: offsetTime(now),
    request_id: hexId(),
    batch_id: randomBytes(32).toString("hex"),
    public_id: asset.public_id,
    resource_type: "image",
    type: "upload",
    error: { message: "Invalid image file" },
  }),
  analyze: () => ({
    operation_name: "analyze",
    operation_type: "bulk",
    request_id: hexId(),
    task_id: hexId(),
    data: { analysis: { data: { tags: [{ name: "vase", confidence: 0.98 }] } } },
  }),
  proof_status_changed: ({ asset, now }: BodyOptions) => ({
    timestamp: offsetTime(now),
    request_id: hexId(),
    proof_id: "prf_1",
    proof_name: "Spring catalogue",
    previous_status: "in_review",
    new_status: "approved",
    stage_name: "Brand",
    stage_number: 1,
    reviewer: { id: "usr_1", name: "A reviewer" },
    assets: [nameOf(asset)],
  }),
  related_assets: ({ asset }: BodyOptions) => ({
    action_type: "add",
    asset_id: asset.asset_id,
    total_failed: 0,
    total_success: 1,
  }),
  publish: ({ asset, now }: BodyOptions) => ({
    timestamp: offsetTime(now),
    resources: [{ ...nameOf(asset), version: asset.version }],
  }),
  report: undocumented,
  bulk_refresh_auto_fetch: undocumented,
  invalidate_custom_cdn: undocumented,
  all: ({ asset }: BodyOptions) => named(asset),
};

/** The URL of a file that Cloudinary generates out of others, on the asset's host. */
function generated(
  { url, secure_url, version }: SimulatedAsset,
  { type, name, extension }: { type: string; name: string; extension: string },
) {
  const of = (original: string) =>
    original.replace(/\/image\/upload\/.*$/s, `/image/${type}/v${version}/${name}.${extension}`);
  return { url: of(url), secure_url: of(secure_url) };
}

function archiveUrls({ url, secure_url, version }: SimulatedAsset) {
  const of = (original: string) =>
    original.replace(/\/image\/upload\/.*$/s, `/raw/upload/v${version}/${simulatedSku}.zip`);
  return { url: of(url), secure_url: of(secure_url) };
}
