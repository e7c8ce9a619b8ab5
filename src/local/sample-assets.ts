import { z } from "zod";
import { uploadAnswer } from "./cloudinary/answers.ts";
import type { Json, JsonObject } from "./cloudinary/json.ts";
import { probe } from "./cloudinary/media/probe.ts";
import { paramsOf } from "./cloudinary/params.ts";
import { type Cloud, instant } from "./cloudinary/store/cloud.ts";
import type { Asset } from "./cloudinary/store/state.ts";
import { becomePlaceholder } from "./cloudinary/upload-api/backup.ts";
import { keepUploaded } from "./cloudinary/upload-api/new-asset.ts";
import { logo, productPicture } from "./samples.ts";

/** An asset that `webhooks simulate` sends notifications about, and the state that it must have. */
export const sampleRequest = z.strictObject({
  public_id: z.string().min(1).max(255),
  drawing: z.enum(["product", "logo"]).default("product"),
  /** `new`: uploaded again, as a new version. `present`: uploaded if it does not exist. `absent`: deleted. */
  want: z.enum(["new", "present", "absent"]),
  /** The state of its manual moderation; `pending` also restricts it to token holders. Without this, both are kept. */
  moderation: z.enum(["pending", "approved", "rejected"]).optional(),
  asset_folder: z.string().max(255).default(""),
});
type SampleRequest = z.output<typeof sampleRequest>;

/** New versions take turns, so that a replaced picture looks different. */
const colours = ["#c2603f", "#3f7fc2", "#2f9e62", "#8a5fb0"];

/**
 * Brings a sample asset into the wanted state and returns it as the Upload API does; null if it does not exist. Sends no
 * notification: the caller does.
 */
export async function sampleAsset(cloud: Cloud, wanted: SampleRequest): Promise<JsonObject | null> {
  const name = { resource_type: "image", type: "upload", public_id: wanted.public_id } as const;
  const asset = await cloud.store.withName(name, async () => {
    const there = cloud.store.find(name);
    const existing = there?.placeholder ? undefined : there;
    if (wanted.want === "absent") return existing === undefined ? null : await removed(cloud, existing);
    if (existing !== undefined && wanted.want === "present") return existing;
    return await drawn(cloud, wanted, there?.version ?? 0);
  });
  if (asset !== null && wanted.moderation !== undefined) moderate(cloud, asset, wanted.moderation);
  await cloud.store.save();
  return asset && withUploadTime(uploadAnswer(cloud, asset), asset);
}

const withUploadTime = (answer: JsonObject, { uploaded_at }: Asset): Record<string, Json> => ({
  ...answer,
  uploaded_at,
});

async function drawn(cloud: Cloud, { public_id, drawing, asset_folder }: SampleRequest, version: number) {
  const colour = colours[version % colours.length];
  const bytes = drawing === "logo" ? await logo() : await productPicture(colour);
  const fileName = drawing === "logo" ? "mark.png" : "vase.png";
  const { asset } = await keepUploaded(cloud, {
    source: { bytes, fileName },
    facts: await probe(bytes, fileName),
    params: paramsOf(new Map([["asset_folder", asset_folder]])),
    name: { resource_type: "image", type: "upload", public_id },
  });
  return asset;
}

async function removed(cloud: Cloud, asset: Asset): Promise<Asset> {
  const copy = { ...asset };
  if (asset.versions.length > 0) await becomePlaceholder(cloud, asset);
  else await cloud.store.remove(asset);
  return copy;
}

function moderate(cloud: Cloud, asset: Asset, status: "pending" | "approved" | "rejected"): void {
  asset.moderation = [
    { kind: "manual", status, ...(status === "pending" ? {} : { updated_at: instant(cloud) }) },
  ];
  if (status === "pending") asset.access_control = [{ access_type: "token" }];
}
