import { createHash } from "node:crypto";
import { ApiError, missing, notEmulated, notFound } from "../api-error.ts";
import { parseDeliveryPath } from "../delivery/delivery-url.ts";
import { formatOf, variant } from "../delivery/variants.ts";
import { apply } from "../media/apply.ts";
import { decode, type Frame, first } from "../media/picture.ts";
import { parseTransformation } from "../media/transformation.ts";
import type { Params } from "../params.ts";
import { type Cloud, instant, seconds } from "../store/cloud.ts";
import type { Asset, ResourceType } from "../store/state.ts";
import { etagOf, newId } from "../store/store.ts";
import { ownAsset } from "./source.ts";

/** One picture of a sprite or an animation. */
export interface Member {
  /** The public id of a tagged picture, or the given URL. */
  name: string;
  frame: Frame;
}

/** Finds the pictures by tag, sorted by public id, or by a list of this cloud's URLs. */
export async function members(cloud: Cloud, params: Params, transformation: string): Promise<Member[]> {
  const tag = params.text("tag");
  const urls = params.list("urls");
  if (tag === undefined && urls.length === 0) throw missing("tag");
  if (tag === undefined) return Promise.all(urls.map((url) => byUrl(cloud, url)));
  const tagged = cloud.store.state.assets
    .filter((asset) => asset.tags.includes(tag) && asset.resource_type === "image" && asset.type === "upload")
    .sort((a, b) => (a.public_id < b.public_id ? -1 : 1));
  if (tagged.length === 0) throw notFound(`no images with tag ${tag}`);
  return Promise.all(
    tagged.map(async (asset) => {
      const picture = await decode(await cloud.store.read(asset.file), 1);
      if (picture === null) throw new ApiError(400, `${asset.public_id} is no picture`);
      const changed = await apply(picture, parseTransformation(transformation), () => {
        throw notEmulated("overlays in a sprite or an animation");
      });
      return { name: asset.public_id, frame: first(changed) };
    }),
  );
}

async function byUrl(cloud: Cloud, url: string): Promise<Member> {
  const address = URL.canParse(url) ? new URL(url) : null;
  const asset = address === null ? undefined : ownAsset(cloud, address);
  const path = address === null ? null : parseDeliveryPath(cloud, address.pathname);
  if (asset === undefined || path === null) throw notFound(`${url} is no address of this cloud`);
  const extension = /\.([A-Za-z0-9]+)$/.exec(path.source)?.[1];
  const wanted = { transformation: path.transformation, format: extension };
  const made = await variant(cloud, asset, { ...wanted, format: formatOf(asset, wanted) });
  const picture = await decode(await cloud.store.read(made.file), 1);
  if (picture === null) throw new ApiError(400, `${url} is no picture`);
  return { name: url, frame: first(picture) };
}

/** The tag, or a name derived from the URLs. */
export const collectionId = (params: Params): string =>
  params.text("tag") ?? createHash("md5").update(params.list("urls").join(" ")).digest("hex");

/** Stores the result as an asset of its own delivery type (`sprite`, `multi`), replacing an older one. */
export async function keepGenerated(
  cloud: Cloud,
  generated: {
    name: { resource_type: ResourceType; type: string; public_id: string };
    bytes: Buffer;
    format: string;
    size: { width: number; height: number };
  },
): Promise<Asset> {
  const previous = cloud.store.find(generated.name);
  const asset: Asset = {
    asset_id: previous?.asset_id ?? newId(),
    serial: previous?.serial ?? cloud.store.nextSerial(),
    ...generated.name,
    version: Math.max(seconds(cloud), (previous?.version ?? 0) + 1),
    version_id: newId(),
    format: generated.format,
    ...generated.size,
    bytes: generated.bytes.length,
    etag: etagOf(generated.bytes),
    created_at: instant(cloud),
    uploaded_at: instant(cloud),
    original_filename: "",
    asset_folder: "",
    display_name: generated.name.public_id,
    tags: [],
    context: {},
    metadata: {},
    access_control: null,
    access_mode: "public",
    placeholder: false,
    versions: [],
    related: [],
    moderation: [],
    moderation_notification_url: null,
    derived: [],
    file: await cloud.store.keep(generated.bytes, generated.format),
  };
  if (previous !== undefined) await cloud.store.remove(previous);
  cloud.store.state.assets.push(asset);
  return asset;
}

/** The transformation in the URL was applied when the asset was generated, so it is not applied again. */
export async function keepAsMade(cloud: Cloud, asset: Asset, transformation: string): Promise<void> {
  if (transformation === "") return;
  const { format, width, height, bytes } = asset;
  asset.derived.push({
    id: newId(),
    transformation,
    format,
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    bytes,
    // A separate copy, because the original and its variants are deleted separately.
    file: await cloud.store.keep(await cloud.store.read(asset.file), format),
  });
}
