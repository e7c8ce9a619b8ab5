import { v2 as sdk } from "cloudinary";
import * as z from "zod";
import type { CloudinaryAccount } from "../../config.types.ts";
import { cloudInId, withoutPrefix, withPrefix } from "../shared/asset-prefix.ts";
import { type Extra, guarded } from "./call-with-timeout.ts";
import { CloudinaryError } from "./errors.ts";

/** Identifies an asset in the Upload API. */
export interface AssetName {
  publicId: string;
  resourceType: ResourceType;
  /** The delivery type. */
  type: string;
}

export const resourceType = z.enum(["image", "video", "raw"]);
export type ResourceType = z.output<typeof resourceType>;

const accessRule = z.looseObject({
  access_type: z.string(),
  start: z.string().nullish(),
  end: z.string().nullish(),
});
const access = z.array(accessRule).nullish();
export type AccessControl = z.output<typeof access>;

export const foundAsset = z.looseObject({
  asset_id: z.string().optional(),
  public_id: z.string(),
  resource_type: resourceType,
  type: z.string(),
  version: z.int(),
  tags: z.array(z.string()).nullish(),
  asset_folder: z.string().nullish(),
  folder: z.string().nullish(),
  display_name: z.string().nullish(),
  secure_url: z.string().nullish(),
  created_at: z.string().nullish(),
  uploaded_at: z.string().nullish(),
  format: z.string().nullish(),
  bytes: z.number().nullish(),
  access_control: access,
  access_mode: z.string().nullish(),
  moderation: z
    .array(z.looseObject({ kind: z.string(), status: z.string(), updated_at: z.string().nullish() }))
    .nullish(),
});
export type FoundAsset = z.output<typeof foundAsset>;

/** The details of one asset; lists lack the results of add-ons. */
const detailed = foundAsset.extend({
  info: z
    .looseObject({
      background_removal: z
        .looseObject({ cloudinary_ai: z.looseObject({ status: z.string() }).nullish() })
        .nullish(),
    })
    .nullish(),
});
export type DetailedAsset = z.output<typeof detailed>;

const page = z.looseObject({
  // An invalid entry must not hide the others.
  resources: z.array(z.unknown()).transform((list) => list.flatMap(readable)),
  next_cursor: z.string().nullish(),
  /** The Admin API limit of the current hour. */
  rate_limit_allowed: z.number().optional(),
  rate_limit_remaining: z.number().optional(),
});
export type AssetPage = z.output<typeof page>;

function readable(wire: unknown): FoundAsset[] {
  const read = foundAsset.safeParse(wire);
  return read.success ? [read.data] : [];
}

const touched = z.looseObject({ access_control: access, access_mode: z.string().nullish() });
export type Touched = Pick<z.output<typeof touched>, "access_control" | "access_mode">;

/** The response to an `explicit` call without changes. Missing fields are read from the Admin API. */
const looked = foundAsset.partial();
export type Looked = z.output<typeof looked>;
const anonymous = [{ access_type: "anonymous" as const }];

/** The calls that moderation makes. Calls of the Admin API are rate limited; their comments say so. */
export interface CloudinaryApi {
  cloudName: string;
  /** In front of the asset ids of this cloud, in what is passed and returned (src/lib/shared/asset-prefix.ts); '' for the first cloud. */
  assetPrefix: string;
  /** The same calls; none is sent once the signal has aborted. */
  within(signal: AbortSignal): CloudinaryApi;
  /** Reads an asset with an `explicit` call without changes; null if no asset has that name. */
  look(name: AssetName): Promise<Looked | null>;
  /** Removes the restriction by `access_control`. Returns the access in the response. */
  openByExplicit(name: AssetName): Promise<Touched>;
  /** The same with the Admin API. */
  openByUpdate(name: AssetName): Promise<Touched>;
  /** `restrict`: the same call also restricts the asset to token access. */
  askForModeration(name: AssetName, moderation: string, options?: { restrict: boolean }): Promise<void>;
  /** Adds tags in one call; those that the asset has are left as they are. */
  addTags(name: AssetName, tags: readonly string[]): Promise<void>;
  removeTags(name: AssetName, tags: readonly string[]): Promise<void>;
  rename(name: AssetName, to: { publicId: string; type: string; overwrite: boolean }): Promise<void>;
  /** False if no asset has that name. */
  destroy(name: AssetName): Promise<boolean>;
  /** By asset id, if it has one; null if the asset is gone. Admin API. */
  find(asset: { assetId: string } | { assetId: null; name: AssetName }): Promise<FoundAsset | null>;
  /** The details of one asset, with the results of add-ons; null if it is gone. Admin API. */
  details(assetId: string): Promise<DetailedAsset | null>;
  /** Up to 100 at once; assets that do not exist are left out. Admin API. */
  findAll(assetIds: readonly string[]): Promise<FoundAsset[]>;
  /** Sets an operator's decision. Admin API. */
  setModerationStatus(name: AssetName, status: "approved" | "rejected"): Promise<void>;
  /** One page of up to 500. Admin API. */
  listByModeration(queue: ModerationQueue, cursor: string | null): Promise<AssetPage>;
  /** One page of up to 500 of the library, of every delivery type. Admin API. */
  listLibrary(resourceType: ResourceType, cursor: string | null): Promise<AssetPage>;
  /** One page of up to 500, oldest upload first. Admin API. */
  searchUploads(expression: string, cursor: string | null): Promise<AssetPage>;
}

export interface ModerationQueue {
  kind: string;
  resourceType: string;
  status: "approved" | "rejected";
}

/**
 * The official SDK with our own timeouts, because its Admin API calls have none.
 * The SDK reads CLOUDINARY_URL (for `upload_prefix`) when it is first imported.
 */
export function cloudinaryApi(
  account: CloudinaryAccount,
  { timeoutMs = 10_000 }: { timeoutMs?: number } = {},
): CloudinaryApi {
  sdk.config(true);
  const { upload_prefix: prefix } = sdk.config({ secure: true, hide_sensitive: true });
  const { cloudName, apiKey, apiSecret, assetPrefix = "" } = account;
  // The SDK's own is that of the first account.
  const uploadPrefix = account.uploadPrefix ?? (assetPrefix === "" ? prefix : "https://api.cloudinary.com");
  const overHttp = prefix?.startsWith("http:") ?? false;
  // With each call, because the SDK's own configuration is one for the whole process, which can have several accounts.
  const credentials = {
    cloud_name: cloudName,
    api_key: apiKey,
    api_secret: apiSecret,
    ...(uploadPrefix !== undefined && { upload_prefix: uploadPrefix }),
  };
  return calls({ cloudName, assetPrefix, credentials, timeoutMs, overHttp, signal: undefined });
}

function calls(options: {
  cloudName: string;
  assetPrefix: string;
  credentials: Record<"cloud_name" | "api_key" | "api_secret", string> & { upload_prefix?: string };
  timeoutMs: number;
  overHttp: boolean;
  signal: AbortSignal | undefined;
}): CloudinaryApi {
  const { cloudName, assetPrefix, credentials, timeoutMs, overHttp, signal } = options;
  const call = <T>(
    what: string,
    schema: z.ZodType<T>,
    send: (extra: Extra & typeof credentials) => Promise<unknown>,
  ) =>
    guarded({
      what,
      schema,
      send: (extra) => send({ ...credentials, ...extra }),
      timeoutMs,
      overHttp,
      signal,
    });
  /** The id as Cloudinary knows it. */
  const idOf = (assetId: string): string => {
    const cloud = cloudInId(assetId);
    if (cloud !== null && cloud !== cloudName)
      throw new Error(`an asset of the cloud ${cloud} is not an asset of ${cloudName}`);
    return withoutPrefix(assetId);
  };
  const own = <T extends { asset_id?: string | undefined }>(found: T): T =>
    found.asset_id === undefined ? found : { ...found, asset_id: withPrefix(assetPrefix, found.asset_id) };
  const ownPage = async (answer: Promise<AssetPage>): Promise<AssetPage> => {
    const page = await answer;
    return { ...page, resources: page.resources.map(own) };
  };

  return {
    cloudName,
    assetPrefix,
    within: (deadline) => calls({ ...options, signal: deadline }),
    async look(name) {
      try {
        return own(
          await call("explicit", looked, (extra) =>
            sdk.uploader.explicit(name.publicId, { ...address(name), ...extra }),
          ),
        );
      } catch (error) {
        if (error instanceof CloudinaryError && error.isNotFound) return null;
        throw error;
      }
    },
    async openByExplicit(name) {
      const options = { ...address(name), access_control: anonymous, invalidate: true };
      return await call("explicit", touched, (extra) =>
        sdk.uploader.explicit(name.publicId, { ...options, ...extra }),
      );
    },
    async openByUpdate(name) {
      const options = { ...address(name), access_control: anonymous, invalidate: true };
      return await call("update", touched, (extra) =>
        sdk.api.update(name.publicId, { ...options, ...extra }),
      );
    },
    async askForModeration(name, moderation, { restrict } = { restrict: false }) {
      const options = {
        ...address(name),
        moderation,
        ...(restrict && { access_control: [{ access_type: "token" as const }], invalidate: true }),
      };
      await call("explicit", anything, (extra) =>
        sdk.uploader.explicit(name.publicId, { ...options, ...extra }),
      );
    },
    async addTags(name, tags) {
      await call("tags", anything, (extra) =>
        sdk.uploader.add_tag(tags.join(","), [name.publicId], { ...address(name), ...extra }),
      );
    },
    async removeTags(name, tags) {
      await call("tags", anything, (extra) =>
        sdk.uploader.remove_tag(tags.join(","), [name.publicId], { ...address(name), ...extra }),
      );
    },
    async rename(name, to) {
      const options = {
        ...address(name),
        to_type: to.type,
        overwrite: to.overwrite,
        invalidate: true,
      };
      await call("rename", anything, (extra) =>
        sdk.uploader.rename(name.publicId, to.publicId, { ...options, ...extra }),
      );
    },
    async destroy(name) {
      const options = { ...address(name), invalidate: true };
      const { result } = await call("destroy", z.looseObject({ result: z.string() }), (extra) =>
        sdk.uploader.destroy(name.publicId, { ...options, ...extra }),
      );
      if (result === "ok") return true;
      if (result === "not found") return false;
      throw new CloudinaryError(`destroy: the answer was "${result}"`, { code: null });
    },
    async find(asset) {
      const asked = { tags: true, context: true, moderations: true };
      const { resources } = await call("resources", page, (extra) =>
        asset.assetId === null
          ? sdk.api.resources_by_ids([asset.name.publicId], { ...address(asset.name), ...asked, ...extra })
          : sdk.api.resources_by_asset_ids([idOf(asset.assetId)], { ...asked, ...extra }),
      );
      return resources[0] ? own(resources[0]) : null;
    },
    async details(assetId) {
      // The SDK's types lack the options of this function.
      const read: (assetId: string, options: Extra) => Promise<unknown> = sdk.api.resource_by_asset_id;
      try {
        return own(await call("resource", detailed, (extra) => read(idOf(assetId), extra)));
      } catch (error) {
        if (error instanceof CloudinaryError && error.isNotFound) return null;
        throw error;
      }
    },
    async findAll(assetIds) {
      const { resources } = await call("resources", page, (extra) =>
        sdk.api.resources_by_asset_ids(assetIds.map(idOf), {
          tags: true,
          context: true,
          moderations: true,
          ...extra,
        }),
      );
      return resources.map(own);
    },
    async setModerationStatus(name, status) {
      const options = { ...address(name), moderation_status: status };
      await call("update", anything, (extra) => sdk.api.update(name.publicId, { ...options, ...extra }));
    },
    listByModeration(queue, cursor) {
      const options = {
        resource_type: queue.resourceType,
        max_results: 500,
        moderations: true,
        tags: true,
        ...(cursor !== null && { next_cursor: cursor }),
      };
      return ownPage(
        call("resources_by_moderation", page, (extra) =>
          sdk.api.resources_by_moderation(queue.kind, queue.status, { ...options, ...extra }),
        ),
      );
    },
    listLibrary(resourceType, cursor) {
      const options = {
        resource_type: resourceType,
        max_results: 500,
        tags: true,
        context: true,
        metadata: true,
        moderations: true,
        ...(cursor !== null && { next_cursor: cursor }),
      };
      return ownPage(call("resources", page, (extra) => sdk.api.resources({ ...options, ...extra })));
    },
    searchUploads(expression, cursor) {
      const search = sdk.search
        .expression(expression)
        .sort_by("uploaded_at", "asc")
        .with_field("tags")
        .with_field("context")
        .with_field("metadata")
        .max_results(500);
      if (cursor !== null) search.next_cursor(cursor);
      return ownPage(call("search", page, (extra) => search.execute(extra)));
    },
  };
}

const anything = z.looseObject({});

function address(name: AssetName) {
  return { resource_type: name.resourceType, type: name.type };
}
