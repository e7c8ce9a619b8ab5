import { adminAnswer, custom, type Include } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { folderOf } from "../folders.ts";
import type { JsonObject } from "../json.ts";
import { pageSize } from "../page-size.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";

export const listParameters: readonly string[] = [
  "max_results",
  "next_cursor",
  "direction",
  "start_at",
  "tags",
  "context",
  "metadata",
  "moderations",
  "moderation",
  "fields",
];

const defaultResults = 10;

/**
 * Returns one page of assets, newest first, with the cursor of the next page. `always` names labels to include by
 * default.
 */
export function page(
  cloud: Cloud,
  assets: readonly Asset[],
  params: Params,
  always: Partial<Include> = {},
): JsonObject & { resources: JsonObject[] } {
  const max = pageSize(params, defaultResults);
  const ascending = params.text("direction") === "asc" || params.text("direction") === "1";
  const from = serialOf(params.text("next_cursor"));
  const startAt = startOf(params);
  const sorted = assets
    .filter(({ serial }) => from === undefined || (ascending ? serial >= from : serial <= from))
    .filter(({ created_at }) => {
      const at = Date.parse(created_at);
      return startAt === undefined || (ascending ? at >= startAt : at <= startAt);
    })
    .sort((a, b) => (ascending ? a.serial - b.serial : b.serial - a.serial));
  const next = sorted[max];
  return {
    resources: sorted.slice(0, max).map((asset) => entry(cloud, asset, params, always)),
    ...(next === undefined ? {} : { next_cursor: cursorOf(next.serial) }),
  };
}

function entry(cloud: Cloud, asset: Asset, params: Params, always: Partial<Include>): JsonObject {
  const chosen = fieldsOf(params);
  const shows = (name: string): boolean => params.flag(name) === true || chosen.has(name);
  const answer = adminAnswer(cloud, asset, {
    tags: always.tags === true || shows("tags"),
    context: always.context === true || shows("context"),
    metadata: shows("metadata"),
    moderation: shows("moderations") || shows("moderation"),
  });
  return chosen.size === 0 ? answer : chosenFields(cloud, { asset, answer, chosen });
}

/** `fields` removes everything except the asset's identifiers, its folder and the named fields. */
export function chosenFields(
  cloud: Cloud,
  of: { asset: Asset; answer: JsonObject; chosen: ReadonlySet<string> },
): JsonObject {
  const { asset, answer, chosen } = of;
  const named = Object.entries({ ...answer, ...custom(asset) }).filter(([name]) => chosen.has(name));
  const { asset_id, public_id } = asset;
  return { asset_id, public_id, folder: folderOf(cloud, asset), ...Object.fromEntries(named) };
}

export const fieldsOf = (params: Params): Set<string> =>
  new Set(params.list("fields").flatMap((list) => list.split(",")));

function startOf(params: Params): number | undefined {
  const text = params.text("start_at");
  if (text === undefined) return undefined;
  const instant = Date.parse(text);
  if (Number.isNaN(instant)) throw new ApiError(400, `Invalid start_at ${text}`);
  return instant;
}

/** Opaque to callers. It encodes a position, so it stays valid when the asset at that position is deleted. */
const cursorOf = (serial: number): string => Buffer.from(`from ${serial}`).toString("base64url");

function serialOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  const [, serial] = /^from (\d+)$/.exec(Buffer.from(cursor, "base64url").toString()) ?? [];
  if (serial === undefined) throw new ApiError(400, `Invalid next_cursor ${cursor}`);
  return Number(serial);
}
