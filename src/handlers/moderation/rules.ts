import type { ModerationAction, ModerationRule, Settings } from "../../settings.types.ts";

/** The asset properties that rules can match. */
export interface Traits {
  kind: string;
  resourceType: string;
  /** The delivery type. */
  type: string;
  publicId: string;
  /** null in fixed-folder environments, where the public id holds the folder. */
  assetFolder: string | null;
  tags: readonly string[];
  backgroundRemoved: boolean;
}

const nothing: ModerationAction = { do: "nothing" };

/** The action of the first matching rule for a status. Other statuses (queued, overridden, unknown) have no action. */
export function actionFor(
  status: string,
  traits: Traits,
  settings: Settings["moderation"],
): ModerationAction {
  const rule = settings.rules.find((candidate) => fits(candidate, traits));
  if (!rule) return nothing;
  switch (status) {
    case "approved":
    case "rejected":
    case "pending":
    case "aborted":
      return rule[status];
    default:
      return nothing;
  }
}

function fits({ when = {} }: ModerationRule, traits: Traits): boolean {
  return (
    (when.kind === undefined || when.kind === traits.kind) &&
    (when.resourceType === undefined || when.resourceType === traits.resourceType) &&
    (when.type === undefined || when.type === traits.type) &&
    (when.folder === undefined || isIn(when.folder, traits)) &&
    (when.tag === undefined || traits.tags.includes(when.tag)) &&
    (when.afterBackgroundRemoval === undefined || when.afterBackgroundRemoval === traits.backgroundRemoved)
  );
}

/** In the folder or a subfolder, in either folder mode. */
function isIn(folder: string, { assetFolder, publicId }: Traits): boolean {
  const inPublicId = publicId.startsWith(`${folder}/`);
  return inPublicId || assetFolder === folder || (assetFolder?.startsWith(`${folder}/`) ?? false);
}
