/**
 * An asset id is random, but it is a claim of the body, and a public id can exist in several product environments. So that nothing one
 * environment signs can be about an asset of another one, the receiver keeps the ids of all clouds but the first with the cloud's name
 * in front: `campaigns:4af5a0d1c68f3fb01e0803725a919bf8`. With one cloud, every id is as Cloudinary sends it.
 */
export const prefixOf = (cloud: string | null, firstCloud: string | null): string =>
  cloud === null || firstCloud === null || cloud === firstCloud ? "" : `${cloud}:`;

/** Cloud names consist of letters, digits, `_` and `-`; ids without an asset id begin with a resource type and a slash. */
const pattern = /^([\w-]*):/;

/** An id of the first cloud that looks like one of another gets the prefix `:`, because a body can hold any text. */
export const withPrefix = (prefix: string, id: string): string =>
  prefix === "" && pattern.test(id) ? `:${id}` : prefix + id;

/** The id as Cloudinary knows it. */
export const withoutPrefix = (id: string): string => id.replace(pattern, "");

/** The cloud whose name is in front of the id; null: the first one. */
export const cloudInId = (id: string): string | null => pattern.exec(id)?.[1] || null;

/** SQL: the prefix of an id, '' if it has none. */
export const prefixInSql = (id: string): string => `coalesce(substring(${id} from '^[A-Za-z0-9_-]*:'), '')`;
