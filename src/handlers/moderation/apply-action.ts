import type { AssetName, CloudinaryApi, FoundAsset, Touched } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { Effect } from "./plan.ts";

export type Applied =
  /** `method`: the call that did it; `already` when it was found done. */
  | { kind: "done"; method: string; publicId: string; type: string }
  /** Nothing was changed, and a person should know why. */
  | { kind: "refused"; reason: "name-taken" | "access-control-kept" | "restricted-by-access-mode" }
  /** Nothing of that name. */
  | { kind: "not-found" }
  /** `explicit` left the access as it was; `update` is the next thing to try. */
  | { kind: "not-lifted" };

/** Makes one call that changes something, and says what came of it. Throws `CloudinaryError`. */
export async function apply(
  api: CloudinaryApi,
  name: AssetName,
  effect: Effect | { do: "update-access" },
): Promise<Applied> {
  switch (effect.do) {
    case "delete":
      return (await api.destroy(name)) ? done("destroy", name) : { kind: "not-found" };
    case "update-access":
      return await unlessGone(async () => {
        const answer = await api.openByUpdate(name);
        if (isOpen(answer)) return done("update", name);
        return {
          kind: "refused",
          reason: hasMode(answer) ? "restricted-by-access-mode" : "access-control-kept",
        };
      });
    case "publish":
      return await unlessGone(() =>
        effect.by === "rename" ? renamed(api, name, effect) : lifted(api, name),
      );
    default:
      return effect satisfies never;
  }
}

/** Whether `explicit` applies `access_control` was never seen live; its answer tells, and `update` is the documented way. */
async function lifted(api: CloudinaryApi, name: AssetName): Promise<Applied> {
  const answer = await api.openByExplicit(name);
  if (isOpen(answer)) return done("explicit", name);
  return hasMode(answer) ? { kind: "refused", reason: "restricted-by-access-mode" } : { kind: "not-lifted" };
}

async function renamed(
  api: CloudinaryApi,
  name: AssetName,
  effect: Extract<Effect, { by: "rename" }>,
): Promise<Applied> {
  const to = renameTarget(name, effect);
  if (to === null) return done("already", name);
  try {
    await api.rename(name, { ...to, overwrite: effect.overwrite });
    return done("rename", { ...name, ...to });
  } catch (error) {
    // Of a clash only the 400 is certain; its wording is not documented.
    const isClash =
      error instanceof CloudinaryError && error.code === 400 && (await api.look({ ...name, ...to })) !== null;
    if (isClash) return { kind: "refused", reason: "name-taken" };
    throw error;
  }
}

async function unlessGone(call: () => Promise<Applied>): Promise<Applied> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CloudinaryError && error.isNotFound) return { kind: "not-found" };
    throw error;
  }
}

/** Only an answer that says so. */
function isOpen({ access_control: accessControl, access_mode: mode }: Touched): boolean {
  if (accessControl === undefined) return mode === "public";
  if (hasMode({ access_control: accessControl, access_mode: mode })) return false;
  return (accessControl ?? []).every(
    ({ access_type, start, end }) => access_type === "anonymous" && !start && !end,
  );
}

/** Restricted by the older `access_mode`. */
function hasMode({ access_control: accessControl, access_mode: mode }: Touched): boolean {
  return Boolean(mode) && mode !== "public" && !accessControl?.length;
}

/** Where a publishing rename leads to; null for other effects, and when it leads nowhere else. */
export function renameTarget(name: AssetName, effect: Effect): { publicId: string; type: string } | null {
  if (effect.do !== "publish" || effect.by !== "rename") return null;
  const folder = effect.folder === undefined ? "" : `${effect.folder}/`;
  const publicId = name.publicId.startsWith(folder) ? name.publicId : `${folder}${name.publicId}`;
  return publicId === name.publicId && name.type === "upload" ? null : { publicId, type: "upload" };
}

/** Whether the asset is as the effect would make it. */
export function isDone(found: FoundAsset, targetName: AssetName, effect: Effect): boolean {
  if (effect.do === "delete") return false;
  if (effect.by === "rename") {
    const at = renameTarget(targetName, effect);
    return at !== null && found.public_id === at.publicId && found.type === at.type;
  }
  return found.access_control !== undefined && isOpen(found);
}

export function nameOf(found: FoundAsset): AssetName {
  return { publicId: found.public_id, resourceType: found.resource_type, type: found.type };
}

function done(method: string, name: AssetName): Applied {
  return { kind: "done", method, publicId: name.publicId, type: name.type };
}
