/** Types with their own hook; other types use the general hook. */
const typesWithHook = ["upload", "eager", "moderation", "delete"];

export const generalHook = "/webhooks";
/** For uploads by visitors. */
export const publicHook = "/webhooks/public";

/** Path of the hook for notifications of this type. */
export const hookOf = (type: string): string =>
  typesWithHook.includes(type) ? `${generalHook}/${type}` : generalHook;
