import { ApiError, notEmulated } from "../api-error.ts";

const uploaded: ReadonlySet<string> = new Set(["upload", "private", "authenticated"]);

/** Delivery types for social network pictures, identified by their owner's name. */
export const social: ReadonlySet<string> = new Set(
  `facebook twitter twitter_name gravatar youtube hulu vimeo instagram instagram_name google_plus dailymotion
   worldstarhiphop animoto`.split(/\s+/),
);

/** Throws unless an asset can be uploaded with or renamed to this delivery type. */
export function requireUploadType(type: string): void {
  if (uploaded.has(type)) return;
  requireOwnType(type);
  throw new ApiError(400, `Invalid type ${type}`);
}

/** Throws 501 for a type that Cloudinary fetches from another site. */
export function requireOwnType(type: string): void {
  if (type === "fetch" || social.has(type)) throw notEmulated(`the delivery type ${type}`);
}
