import type { AssetName, CloudinaryApi, FoundAsset, Touched } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { Effect } from "./plan.ts";

export type Applied =
  /** `method`: the call that made the change; `already` when no change was needed. */
  | { kind: "done"; method: string; publicId: string; type: string }
  /** Nothing was changed; the delivery is held with this reason. */
  | { kind: "refused"; reason: "name-taken" | "access-control-kept" | "restricted-by-access-mode" }
  /** No asset has that name. */
  | { kind: "not-found" }
  /** `explicit` did not change the access; `update` is tried next. */
  | { kind: "not-lifted" };

/** Makes one call that changes the asset, and returns its outcome. Throws `CloudinaryError`. */
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

/** It is not documented whether `explicit` applies `access_control`, so its response is checked; `update` is the documented call. */
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
    // A name conflict returns 400; the message is not documented, so the target is looked up.
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

/** True only if the response shows it. */
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

/** The target of a publishing rename; null for other effects, and when the name would not change. */
export function renameTarget(name: AssetName, effect: Effect): { publicId: string; type: string } | null {
  if (effect.do !== "publish" || effect.by !== "rename") return null;
  const folder = effect.folder === undefined ? "" : `${effect.folder}/`;
  const publicId = name.publicId.startsWith(folder) ? name.publicId : `${folder}${name.publicId}`;
  return publicId === name.publicId && name.type === "upload" ? null : { publicId, type: "upload" };
}

/** Whether the asset is already in the state that the effect produces. */
export function isDone(found: FoundAsset, targetName: AssetName, effect: Effect): boolean {
  if (effect.do === "delete") return false;
  if (effect.by === "rename") {
    const at = renameTarget(targetName, effect);
    return at !== null && found.public_id === at.publicId && found.type === at.type;
  }
  return found.access_control !== undefined && isOpen(found);
}

function done(method: string, name: AssetName): Applied {
  return { kind: "done", method, publicId: name.publicId, type: name.type };
}
