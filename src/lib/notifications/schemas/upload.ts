import * as z from "zod";
import { asset } from "../asset.ts";
import { readDecisions } from "../decision.ts";
import { define, wire } from "../define.ts";
import { assetFields, descriptionFields } from "../wire.ts";
import { eagerEntry, readDerived } from "./derived.ts";

const moderationEntry = z.looseObject({
  kind: z.string(),
  status: z.string(),
  updated_at: z.string().nullish(),
});

export const upload = define("upload", {
  when: "an upload finishes, of a new asset or over an existing one",
  carries: "`existing`, `placeholder`, `decisions`, `derived` (if generated synchronously)",
  schema: wire("upload", {
    ...assetFields,
    ...descriptionFields,
    notification_type: z.literal("upload").optional(),
    public_id: z.string(),
    resource_type: z.string(),
    version_id: z.string().nullish(),
    created_at: z.string().nullish(),
    etag: z.string().nullish(),
    original_filename: z.string().nullish(),
    duration: z.number().nullish(),
    pages: z.number().nullish(),
    existing: z.boolean().nullish(),
    placeholder: z.boolean().nullish(),
    moderation: z.array(moderationEntry).nullish(),
    eager: z.array(eagerEntry).nullish(),
  }),
  read: (body) => ({
    assets: [asset(body)],
    /** The asset existed before: an overwrite, or an upload that changed nothing. */
    existing: body.existing === true,
    /** The asset has no picture: it was rejected, or is not ready yet. */
    placeholder: body.placeholder === true,
    decisions: readDecisions(body.moderation),
    derived: readDerived(body.eager ?? [], body.public_id),
  }),
});

export const eager = define("eager", {
  when: "asynchronous eager transformations finish or fail",
  carries:
    "`derived`: each a success (URL, its parts, version, size) or a failure with its reason; `batchId`",
  schema: wire("eager", {
    ...assetFields,
    public_id: z.string(),
    batch_id: z.string().nullish(),
    eager: z.array(eagerEntry),
  }),
  read: (body) => {
    const made = body.eager.find((entry) => entry.secure_url ?? entry.url);
    return {
      assets: [asset(body, { url: made?.secure_url ?? made?.url ?? undefined })],
      derived: readDerived(body.eager, body.public_id),
      batchId: body.batch_id ?? undefined,
    };
  },
});
