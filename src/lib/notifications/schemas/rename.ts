import * as z from "zod";
import { asset } from "../asset.ts";
import { define, wire } from "../define.ts";
import { assetFields } from "../wire.ts";

export const rename = define("rename", {
  when: "the public id of an asset changed",
  carries: "`from` and `to`, public ids; the asset has the new one and no version",
  schema: wire("rename", { ...assetFields, from_public_id: z.string(), to_public_id: z.string() }),
  read: (body) => ({
    assets: [asset({ ...body, public_id: body.to_public_id })],
    from: body.from_public_id,
    to: body.to_public_id,
  }),
});
