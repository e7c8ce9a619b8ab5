import { moderations } from "../answers.ts";
import { ApiError } from "../api-error.ts";
import { deliveryUrls } from "../delivery/delivery-url.ts";
import type { Json, JsonObject } from "../json.ts";
import { type Actor, notify } from "../notifications/notify.ts";
import { type Cloud, instant } from "../store/cloud.ts";
import type { Asset, JobOf, Moderation } from "../store/state.ts";

const kinds = [
  "manual",
  "perception_point",
  "webpurify",
  "aws_rek",
  "duplicate",
  "aws_rek_video",
  "google_video_moderation",
];
const videoOnly = new Set(["aws_rek_video", "google_video_moderation"]);
const imageOnly = new Set(["webpurify", "aws_rek", "duplicate"]);

/** `aws_rek|duplicate:0.9|manual`: the first is pending, the others are queued. */
export function parseModeration(text: string, resourceType: Asset["resource_type"]): Moderation[] {
  return text.split("|").map((part, at) => {
    const [kind = ""] = part.split(":");
    const wrongMedia =
      (videoOnly.has(kind) && resourceType !== "video") || (imageOnly.has(kind) && resourceType !== "image");
    if (!kinds.includes(kind)) throw new ApiError(400, `Moderation kind ${kind} is invalid`);
    if (wrongMedia)
      throw new ApiError(400, `Moderation kind ${kind} does not support ${resourceType} resources`);
    return { kind, status: at === 0 ? "pending" : "queued" };
  });
}

/** Starts moderation of an existing asset. */
export function moderate(
  cloud: Cloud,
  asset: Asset,
  asked: { moderation: Moderation[]; notificationUrl: string | null },
): void {
  asset.moderation = asked.moderation;
  asset.moderation_notification_url = asked.notificationUrl;
  startModeration(cloud, asset);
}

/** Schedules the decision of the current add-on; `manual` waits for a person. */
export function startModeration(cloud: Cloud, asset: Asset): void {
  const pending = asset.moderation.find((entry) => entry.status === "pending");
  if (pending === undefined || pending.kind === "manual") return;
  cloud.jobs.schedule({ kind: "moderate", asset_id: asset.asset_id, version: asset.version }, cloud.delayMs);
}

export async function runModeration(cloud: Cloud, job: JobOf<"moderate">): Promise<void> {
  const asset = cloud.store.byAssetId(job.asset_id);
  if (asset === undefined || asset.version !== job.version) return;
  const pending = asset.moderation.find((entry) => entry.status === "pending");
  if (pending === undefined || pending.kind === "manual") return;
  const status = verdict(cloud, asset, pending.kind);
  if (status === "pending") return;
  decide(cloud, asset, {
    moderation: pending,
    status,
    response: response(pending.kind, status),
    notificationUrl: asset.moderation_notification_url,
  });
}

/**
 * Controls the simulated add-ons: a tag `moderation:reject`, `moderation:approve` or `moderation:pending` (or
 * `moderation:aws_rek:reject` for one kind), else "reject" in the public id or file name. Everything else is approved;
 * `duplicate` also rejects a picture with identical bytes.
 */
function verdict(cloud: Cloud, asset: Asset, kind: string): "approved" | "rejected" | "pending" {
  const says = (word: string): boolean =>
    asset.tags.includes(`moderation:${kind}:${word}`) || asset.tags.includes(`moderation:${word}`);
  if (says("pending")) return "pending";
  if (says("reject")) return "rejected";
  if (says("approve")) return "approved";
  if (/reject/i.test(`${asset.public_id} ${asset.original_filename}`)) return "rejected";
  const twin = cloud.store.state.assets.some((other) => other !== asset && other.etag === asset.etag);
  return kind === "duplicate" && twin ? "rejected" : "approved";
}

/** In the add-on's own format if it is known; `moderation_confidence` is the threshold, not the result. */
function response(kind: string, status: "approved" | "rejected"): Json {
  const rejected = status === "rejected";
  if (kind === "google_video_moderation") {
    return {
      moderation_confidence: "POSSIBLE",
      frames: rejected ? [{ pornography_likelihood: "VERY_LIKELY", time_offset: 0.05 }] : [],
    };
  }
  if (kind === "aws_rek") {
    const label = { confidence: 94.9, name: "Violence", parent_name: "" };
    return { moderation_labels: rejected ? [label] : [], moderation_model_version: "5.0" };
  }
  if (kind === "aws_rek_video") {
    return {
      moderation_labels: rejected
        ? [{ moderation_label: { name: "Violence", confidence: 94.9 }, timestamp: 50 }]
        : [],
    };
  }
  return {};
}

interface Decision {
  moderation: Moderation;
  status: "approved" | "rejected";
  response?: Json;
  notificationUrl: string | null;
  actor?: Actor;
}

/** Records one result, sends the notification and starts the next kind. A rejection cancels the remaining kinds. */
export function decide(cloud: Cloud, asset: Asset, decision: Decision): void {
  Object.assign(decision.moderation, {
    status: decision.status,
    updated_at: instant(cloud),
    ...(decision.response === undefined ? {} : { response: decision.response }),
  });
  const waiting = asset.moderation.filter((entry) => entry.status === "queued");
  if (decision.status === "rejected") for (const entry of waiting) entry.status = "aborted";
  else for (const entry of waiting.slice(0, 1)) entry.status = "pending";
  tell(cloud, asset, decision);
  startModeration(cloud, asset);
  const isOver = asset.moderation.every((one) => one.status !== "queued" && one.status !== "pending");
  if (asset.moderation.length > 1 && isOver) summarise(cloud, asset, decision);
}

/** A manual decision from the Console or from `update`: decides the pending kind, else overrides the last result. */
export function override(
  cloud: Cloud,
  asset: Asset,
  said: { status: string; notificationUrl: string | null; actor?: Actor },
): void {
  if (said.status !== "approved" && said.status !== "rejected") {
    throw new ApiError(400, `Invalid moderation_status ${said.status}. Use approved or rejected`);
  }
  const moderation = asset.moderation.find((entry) => entry.status === "pending") ?? asset.moderation.at(-1);
  if (moderation === undefined)
    throw new ApiError(400, `Resource ${asset.public_id} is not under moderation`);
  decide(cloud, asset, { ...said, moderation, status: said.status });
}

function tell(cloud: Cloud, asset: Asset, decision: Decision): void {
  notify(cloud, {
    type: "moderation",
    body: {
      ...(decision.moderation.response === undefined
        ? {}
        : { moderation_response: decision.moderation.response }),
      moderation_status: decision.status,
      moderation_kind: decision.moderation.kind,
      moderation_updated_at: instant(cloud),
      ...identity(cloud, asset),
      etag: decision.status === "approved" ? asset.etag : null,
    },
    notificationUrl: decision.notificationUrl,
    ...(decision.actor === undefined ? {} : { actor: decision.actor }),
  });
}

/** The real body is not documented; this one has the minimum for such a summary. */
function summarise(cloud: Cloud, asset: Asset, decision: Decision): void {
  notify(cloud, {
    type: "moderation_summary",
    body: {
      moderation_status: decision.status,
      moderation: moderations(asset),
      ...identity(cloud, asset),
      etag: asset.etag,
    },
    notificationUrl: decision.notificationUrl,
  });
}

/** Add-on results identify the asset like this: no resource_type, no delivery type, no timestamp. */
export const identity = (cloud: Cloud, asset: Asset): JsonObject => ({
  asset_id: asset.asset_id,
  public_id: asset.public_id,
  uploaded_at: asset.uploaded_at,
  version: asset.version,
  ...deliveryUrls(cloud, asset),
});
