import type { JsonObject } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { type Params, withDefaults } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { page } from "./resources.ts";

/**
 * `POST /resources/search`, the simple part: `field:value` (with `*`), `field=value`, or a date compared by `>`, `>=`, `<`, `<=`,
 * joined by AND. `sort_by` says only which end comes first.
 */
export function search(cloud: Cloud, params: Params): JsonObject {
  const terms = (params.text("expression") ?? "").split(/\s+AND\s+/i).filter((term) => term.trim() !== "");
  const conditions = terms.map((term) => condition(term.trim()));
  const assets = cloud.store.state.assets.filter((asset) => conditions.every((holds) => holds(asset)));
  const fields = params.text("with_field") ?? "";
  const wide = withDefaults(params, {
    max_results: "50",
    tags: String(fields.includes("tags")),
    context: String(fields.includes("context")),
    moderations: "true",
  });
  const direction = /:\s*"?asc/.test(params.text("sort_by") ?? "") ? "asc" : "desc";
  const found = page(cloud, assets, withDefaults(wide, { direction }));
  return { total_count: assets.length, time: 1, ...found };
}

function condition(term: string): (asset: Asset) => boolean {
  const parts = /^(-?)([\w.]+)\s*([:=]|[<>]=?)\s*"?([^"]*)"?$/.exec(term);
  if (parts === null) throw new ApiError(400, `The local Cloudinary cannot search for "${term}"`);
  const [, not, field = "", sign = "", wanted = ""] = parts;
  if (/[<>]/.test(sign)) return dated(field, sign, wanted);
  const pattern = new RegExp(`^${wanted.split("*").map(literal).join(".*")}$`, "i");
  const matches = (value: string): boolean => (sign === "=" ? value === wanted : pattern.test(value));
  return (asset) => valuesOf(asset, field).some(matches) !== (not === "-");
}

function dated(field: string, sign: string, wanted: string): (asset: Asset) => boolean {
  const limit = Date.parse(wanted);
  if ((field !== "uploaded_at" && field !== "created_at") || Number.isNaN(limit))
    throw new ApiError(400, `The local Cloudinary cannot compare ${field} with "${wanted}"`);
  return (asset) => {
    const at = Date.parse(asset[field]);
    return (sign.endsWith("=") && at === limit) || (sign.startsWith(">") ? at > limit : at < limit);
  };
}

function valuesOf(asset: Asset, field: string): string[] {
  const [head, key = ""] = field.split(".");
  switch (head) {
    case "tags":
      return asset.tags;
    case "context":
      return [asset.context[key] ?? ""];
    case "metadata":
      return [asset.metadata[key] ?? ""].flat().map(String);
    case "folder":
    case "asset_folder":
      return [asset.asset_folder, asset.public_id.split("/").slice(0, -1).join("/")];
    case "moderation_status":
      return asset.moderation.map((one) => one.status);
    case "moderation_kind":
      return asset.moderation.map((one) => one.kind);
    case "filename":
      return [asset.original_filename];
    case "public_id":
    case "asset_id":
    case "resource_type":
    case "type":
    case "format":
    case "display_name":
      return [asset[head]];
    default:
      throw new ApiError(400, `The local Cloudinary cannot search by ${field}`);
  }
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
