import type { AssetName, CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { ModerationAction } from "../../settings.ts";
import type { Judged } from "./ledger.ts";

/** An action that calls Cloudinary. */
export type Effect = Extract<ModerationAction, { do: "publish" | "delete" }>;

export type Effected =
  /** `method`: the call that did it; `already` when it was found done. */
  | { kind: "done"; method: string; publicId: string; type: string }
  /** Nothing was changed, and a person should know why. */
  | { kind: "refused"; reason: "gone" | "replaced" | "name-taken" | "access-control-kept" };

/**
 * Makes the calls. One, to the Upload API, unless the name leads nowhere: then the asset is looked for by its id (Admin API) and,
 * if it still is the judged version, acted on under the name it has now.
 */
export async function carryOut(api: CloudinaryApi, judged: Judged, effect: Effect): Promise<Effected> {
  const name = { publicId: judged.publicId, resourceType: judged.resourceType, type: judged.type };
  const first = await attempt(api, name, effect);
  if (first !== "not-found") return first;
  const found = await api.find(
    judged.assetId === null ? { assetId: null, name } : { assetId: judged.assetId },
  );
  if (found === null)
    return effect.do === "delete" ? done("already", name) : { kind: "refused", reason: "gone" };
  if (found.version !== judged.version) return { kind: "refused", reason: "replaced" };
  if (isAt(found, target(name, effect))) return done("already", nameOf(found));
  const again = await attempt(api, nameOf(found), effect);
  if (again === "not-found") throw new CloudinaryError("the asset is being renamed", { code: null });
  return again;
}

async function attempt(api: CloudinaryApi, name: AssetName, effect: Effect): Promise<Effected | "not-found"> {
  try {
    if (effect.do === "delete") return (await api.destroy(name)) ? done("destroy", name) : "not-found";
    if (effect.by === "access-control") return await open(api, name);
    const to = target(name, effect);
    if (to === null) return done("already", name);
    await api.rename(name, { ...to, overwrite: effect.overwrite });
    return done("rename", { ...name, ...to });
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    if (error.isNotFound) return "not-found";
    if (error.code === 400 && /already exists/i.test(error.message))
      return { kind: "refused", reason: "name-taken" };
    throw error;
  }
}

/** Whether `explicit` applies `access_control` was never seen live; its answer tells, and `update` is the documented way. */
async function open(api: CloudinaryApi, name: AssetName): Promise<Effected> {
  if (isOpen(await api.openByExplicit(name))) return done("explicit", name);
  if (isOpen(await api.openByUpdate(name))) return done("update", name);
  return { kind: "refused", reason: "access-control-kept" };
}

/** An answer that says nothing of it is believed. */
function isOpen(accessControl: Awaited<ReturnType<CloudinaryApi["openByExplicit"]>>): boolean {
  if (!accessControl || accessControl.length === 0) return true;
  return accessControl.every(({ access_type, start, end }) => access_type === "anonymous" && !start && !end);
}

/** Where a publishing rename leads to; null for other effects, and when it leads nowhere else. */
function target(name: AssetName, effect: Effect): { publicId: string; type: string } | null {
  if (effect.do !== "publish" || effect.by !== "rename") return null;
  const folder = effect.folder === undefined ? "" : `${effect.folder}/`;
  const publicId = name.publicId.startsWith(folder) ? name.publicId : `${folder}${name.publicId}`;
  return publicId === name.publicId && name.type === "upload" ? null : { publicId, type: "upload" };
}

function isAt(found: FoundAsset, at: { publicId: string; type: string } | null): boolean {
  return at !== null && found.public_id === at.publicId && found.type === at.type;
}

function nameOf(found: FoundAsset): AssetName {
  return { publicId: found.public_id, resourceType: found.resource_type, type: found.type };
}

function done(method: string, name: AssetName): Effected {
  return { kind: "done", method, publicId: name.publicId, type: name.type };
}
