import * as z from "zod";
import { asset, assetsOf } from "../asset.ts";
import { type Decision, decision, readDecisions } from "../decision.ts";
import { define, wire } from "../define.ts";
import { assetFields } from "../wire.ts";
import { readInfo } from "./info.ts";

export const moderation = define("moderation", {
  when: "one kind of moderation has a result, or a person decides",
  carries: "`decisions`, with one entry",
  schema: wire("moderation", {
    ...assetFields,
    public_id: z.string(),
    moderation_kind: z.string(),
    moderation_status: z.string(),
    moderation_updated_at: z.string().nullish(),
    moderation_response: z.unknown().optional(),
    uploaded_at: z.string().nullish(),
    etag: z.string().nullish(),
  }),
  read: (body) => ({
    assets: [asset(body)],
    decisions: [decision(body.moderation_kind, body.moderation_status, body.moderation_updated_at)],
  }),
});

/** In Cloudinary's list of types, but its body is unknown: accepts every form that its parts have in other notifications. */
export const moderationSummary = define("moderation_summary", {
  when: "all kinds of moderation that were requested together have finished",
  carries: "`decisions`, one for each kind, and one of kind `summary` for the outcome",
  schema: wire("moderation_summary", {
    ...assetFields,
    moderation_kind: z.string().nullish(),
    moderation_status: z.string().nullish(),
    moderation_updated_at: z.string().nullish(),
    moderation: z.unknown().optional(),
    moderation_summary: z.unknown().optional(),
  }),
  read: (body) => ({
    assets: assetsOf(body),
    decisions: summarised(body),
  }),
});

interface Summary {
  moderation_kind?: string | null | undefined;
  moderation_status?: string | null | undefined;
  moderation_updated_at?: string | null | undefined;
  moderation?: unknown;
  moderation_summary?: unknown;
}

function summarised(body: Summary): Decision[] {
  const { moderation_summary: summary, moderation_status: status } = body;
  const outcome = typeof summary === "string" ? summary : status;
  const kinds = [...readDecisions(body.moderation), ...readDecisions(summary)];
  return outcome
    ? [...kinds, decision(body.moderation_kind ?? "summary", outcome, body.moderation_updated_at)]
    : kinds;
}

export const info = define("info", {
  when: "an asynchronous add-on has a result",
  carries: "`info`, depending on the kind; `status` is `complete` if it succeeded",
  schema: wire("info", {
    ...assetFields,
    public_id: z.string(),
    info_kind: z.string(),
    info_status: z.string(),
    info_data: z.unknown().optional(),
    uploaded_at: z.string().nullish(),
    etag: z.string().nullish(),
  }),
  read: (body) => ({
    assets: [asset(body)],
    info: readInfo(body.info_kind, body.info_status, body.info_data),
  }),
});
