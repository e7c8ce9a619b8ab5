import * as z from "zod";
import { assetsOf } from "../asset.ts";
import { define, wire } from "../define.ts";
import { assetFields, keyed } from "../wire.ts";

const resources = keyed(z.looseObject(assetFields));

/** Not `delete`, which is a word of the language. */
export const deletion = define("delete", {
  when: "assets were deleted, by a call or in the Console",
  carries: "`assets`, each with the version that was deleted",
  schema: wire("delete", { resources }),
  read: (body) => ({ assets: assetsOf(body) }),
});

/** Named in Cloudinary's list, never seen: read as a `delete`, or as one asset at the top. */
export const deletionByToken = define("delete_by_token", {
  when: "an asset was deleted with a delete token",
  carries: "`assets`",
  schema: wire("delete_by_token", { ...assetFields, resources: resources.nullish() }),
  read: (body) => ({ assets: assetsOf(body) }),
});
