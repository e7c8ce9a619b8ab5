/** What the subject of an e-mail can contain, in braces (docs/email.md). */
export const subjectPlaceholders = [
  "headline",
  "name",
  "sku",
  "display_name",
  "filename",
  "public_id",
  "folder",
  "type",
] as const;
export type SubjectPlaceholder = (typeof subjectPlaceholders)[number];

/** What the address of an asset's page in Cloudinary can contain. */
export const assetUrlPlaceholders = ["asset_id", "public_id", "resource_type", "type", "cloud"] as const;

/** The placeholders of a pattern that are not among the known ones, in braces. */
export function unknownPlaceholders(pattern: string, known: readonly string[]): string[] {
  return [...pattern.matchAll(/\{(\w+)\}/g)].flatMap(([all, name = ""]) =>
    known.includes(name) ? [] : [all],
  );
}

/** Whether the runtime knows a time zone by this name, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
