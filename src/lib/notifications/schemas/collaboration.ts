import * as z from "zod";
import { asset, assetsOf } from "../asset.ts";
import { define, wire } from "../define.ts";
import { assetFields } from "../wire.ts";

const text = z.string().nullish();
const count = z.number().nullish();

export const relatedAssets = define("related_assets", {
  when: "relations between assets are added or removed",
  carries: "`action`; the number that `succeeded` and `failed`",
  schema: wire("related_assets", {
    ...assetFields,
    action_type: text,
    total_success: count,
    total_failed: count,
  }),
  read: (body) => ({
    assets: assetsOf(body),
    action: body.action_type ?? undefined,
    succeeded: body.total_success ?? undefined,
    failed: body.total_failed ?? undefined,
  }),
});

export const proofStatusChanged = define("proof_status_changed", {
  when: "the status of a creative approval changes",
  carries: "`proof`: id, name, previous and new status, stage, reviewer",
  schema: wire("proof_status_changed", {
    proof_id: z.string(),
    proof_name: text,
    previous_status: text,
    new_status: z.string(),
    stage_name: text,
    stage_number: count,
    reviewer: z.looseObject({ id: text, name: text }).nullish(),
    assets: z.array(z.looseObject(assetFields)).nullish(),
  }),
  read: (body) => ({
    assets: (body.assets ?? []).map((entry) => asset(entry)),
    proof: {
      id: body.proof_id,
      name: body.proof_name ?? undefined,
      previous: body.previous_status ?? undefined,
      next: body.new_status,
      stage: body.stage_name ?? undefined,
      reviewer: body.reviewer?.name ?? undefined,
    },
  }),
});
