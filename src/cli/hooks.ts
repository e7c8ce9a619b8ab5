/** Types with a hook of their own; the others go to the general one. */
const typesWithHook = ["upload", "eager", "moderation", "delete"];

export const generalHook = "/webhooks";
/** For uploads by visitors. */
export const publicHook = "/webhooks/public";

/** Path of the hook for notifications of this type. */
export const hookOf = (type: string): string =>
  typesWithHook.includes(type) ? `${generalHook}/${type}` : generalHook;
