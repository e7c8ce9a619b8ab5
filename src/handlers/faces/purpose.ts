import type { FacesSettings } from "../../settings.types.ts";

/** The data about an asset that decides what it is for. */
export interface AssetTraits {
  publicId: string;
  /** null if the account does not say it (fixed folder mode): the folder is then the beginning of the public id. */
  assetFolder: string | null;
  tags: readonly string[];
  resourceType: string;
}

export type Purpose =
  | { kind: "training"; name: string }
  /** In the training folder or with the training tag, but nobody's. */
  | { kind: "no-training"; problem: "no-label" | "several-labels" }
  | { kind: "recognition" }
  | { kind: "none" };

/** What an asset is for, by its folder and its tags. */
export function purposeOf(asset: AssetTraits, settings: FacesSettings): Purpose {
  if (asset.resourceType !== "image") return { kind: "none" };
  const { training, recognition } = settings;
  const isTraining =
    training.folders.some((folder) => isIn(asset, folder)) ||
    (training.tag !== null && asset.tags.includes(training.tag));
  if (!isTraining)
    return recognition.folders.some((folder) => isIn(asset, folder))
      ? { kind: "recognition" }
      : { kind: "none" };
  const names = namesIn(asset.tags, settings);
  const [name] = names;
  if (name === undefined) return { kind: "no-training", problem: "no-label" };
  return names.length > 1 ? { kind: "no-training", problem: "several-labels" } : { kind: "training", name };
}

/** The names in tags such as `faceLabel:<Name>`, each once. */
export function namesIn(tags: readonly string[], { labelPrefix }: FacesSettings): string[] {
  const prefix = labelPrefix.normalize("NFC");
  const names = tags
    .map((tag) => tag.normalize("NFC"))
    .filter((tag) => tag.startsWith(prefix))
    .map((tag) => tag.slice(prefix.length).trim());
  return [...new Set(names)].filter((name) => name !== "");
}

/** Whether a change of these tags can change what an asset is for. The tags that the handler adds itself cannot. */
export function areAboutTraining(tags: readonly string[], { labelPrefix, training }: FacesSettings): boolean {
  const prefix = labelPrefix.normalize("NFC");
  return tags.some((tag) => tag.normalize("NFC").startsWith(prefix) || tag === training.tag);
}

/** In this folder or below it; the empty text is every folder. */
function isIn({ assetFolder, publicId }: AssetTraits, folder: string): boolean {
  if (folder === "") return true;
  return assetFolder === null
    ? publicId.startsWith(`${folder}/`)
    : `${assetFolder}/`.startsWith(`${folder}/`);
}

/** What is wrong with the settings; empty if nothing. Otherwise the handler would answer its own tags. */
export function problemsOf({ labelPrefix, idPrefix, personPrefix }: FacesSettings): string[] {
  const prefixes = { labelPrefix, idPrefix, personPrefix };
  const empty = Object.entries(prefixes).filter(([, prefix]) => prefix.trim() === "");
  const loops = [idPrefix, personPrefix].some((prefix) => prefix.startsWith(labelPrefix));
  return [
    ...empty.map(([name]) => `src/settings.ts: faces.${name} is empty`),
    ...(empty.length === 0 && loops
      ? ["src/settings.ts: faces.idPrefix and faces.personPrefix must not begin with faces.labelPrefix"]
      : []),
  ];
}
