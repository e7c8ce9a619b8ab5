import type { PresetSettings, UploadPreset } from "../../lib/cloudinary/presets.ts";
import { publicHook } from "../hooks.ts";

/** What the Upload Widget's preset should be. */
export interface WantedPreset {
  name: string;
  /** Origin of the receiver. */
  site: string;
  /** Origin that it had before. */
  movedFrom: string | null;
  /** undefined: as it is, and `visitors` where there is none. */
  folder: string | undefined;
  /** undefined: as it is, and `manual` where there is none. */
  moderation: string | undefined;
  /** `dynamic` or `fixed`. */
  folderMode: string | null;
}

export type PresetStep =
  | { action: "create" | "update"; name: string; settings: PresetSettings }
  | { action: "remove"; name: string };

export interface PresetPlan {
  step: PresetStep | null;
  /** What it is when nothing changes, or why it is left alone. */
  note: string | null;
}

/** Never changes an existing preset whose `notification_url` is not on this receiver, because it is used by something else. */
export function planPreset(existing: UploadPreset | null, wanted: WantedPreset): PresetPlan {
  const { name, site, folder, moderation } = wanted;
  const hook = `${site}${publicHook}`;
  const isFixed = wanted.folderMode === "fixed";
  const folderName = isFixed ? "folder" : "asset_folder";
  if (existing === null) {
    const settings = {
      [folderName]: folder ?? "visitors",
      moderation: moderation ?? "manual",
      notification_url: hook,
    };
    return { step: { action: "create", name, settings }, note: null };
  }
  const foreign = whyForeign(existing, wanted);
  if (foreign !== null) return { step: null, note: foreign };
  const { settings } = existing;
  const changed: Record<string, string> = {
    ...(settings.notification_url !== hook && { notification_url: hook }),
    ...changedValue(folderName, {
      is: isFixed ? settings.folder : settings.asset_folder,
      to: folder,
      otherwise: "visitors",
    }),
    ...changedValue("moderation", { is: settings.moderation, to: moderation, otherwise: "manual" }),
  };
  if (Object.keys(changed).length === 0) return { step: null, note: null };
  return { step: { action: "update", name, settings: changed }, note: null };
}

export function planPresetRemoval(existing: UploadPreset | null, wanted: WantedPreset): PresetPlan {
  if (existing === null) return { step: null, note: "does not exist" };
  const foreign = whyForeign(existing, wanted);
  return foreign === null
    ? { step: { action: "remove", name: wanted.name }, note: null }
    : { step: null, note: foreign };
}

function changedValue(
  name: string,
  { is, to, otherwise }: { is: unknown; to: string | undefined; otherwise: string },
): Record<string, string> {
  const isSet = typeof is === "string" && is !== "";
  if (to !== undefined) return is === to ? {} : { [name]: to };
  return isSet ? {} : { [name]: otherwise };
}

function whyForeign({ settings, unsigned }: UploadPreset, { site, movedFrom }: WantedPreset): string | null {
  const url = settings.notification_url;
  const host = typeof url === "string" && URL.canParse(url) ? new URL(url).host : null;
  const hosts = [site, movedFrom].flatMap((origin) => (origin === null ? [] : new URL(origin).host));
  if (host === null || !hosts.includes(host))
    return "belongs to something else: its notification_url is not of this receiver. Choose another name with --preset";
  return unsigned === true ? null : "is a signed preset. Choose another name with --preset";
}
