import * as z from "zod";
import { asset } from "../asset.ts";
import { define, wire } from "../define.ts";
import { assetFields } from "../wire.ts";

export const rename = define("rename", {
  when: "the public id of an asset changes",
  carries: "public ids `from` and `to`; the asset has the new public id and no version",
  schema: wire("rename", { ...assetFields, from_public_id: z.string(), to_public_id: z.string() }),
  read: (body) => ({
    assets: [asset({ ...body, public_id: body.to_public_id })],
    from: body.from_public_id,
    to: body.to_public_id,
  }),
});
