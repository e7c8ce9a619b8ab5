import * as z from "zod";
import { assetsOf } from "../asset.ts";
import { define, wire } from "../define.ts";
import { assetFields, keyed } from "../wire.ts";

const resources = keyed(z.looseObject(assetFields));

/** Not named `delete`, which is a reserved word. */
export const deletion = define("delete", {
  when: "assets are deleted, by an API call or in the Cloudinary Console",
  carries: "`assets`, each with the deleted version",
  schema: wire("delete", { resources }),
  read: (body) => ({ assets: assetsOf(body) }),
});

/** In Cloudinary's list of types, but its body is unknown: read as a `delete`, or as one asset at the top level. */
export const deletionByToken = define("delete_by_token", {
  when: "an asset is deleted with a delete token",
  carries: "`assets`",
  schema: wire("delete_by_token", { ...assetFields, resources: resources.nullish() }),
  read: (body) => ({ assets: assetsOf(body) }),
});
