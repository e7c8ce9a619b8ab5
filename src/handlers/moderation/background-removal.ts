import type { CloudinaryApi, DetailedAsset } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import type { ActionContext } from "./act-on-decision.ts";
import { soon } from "./carry-out.ts";
import { backgroundRemovalKind, isFinal } from "./combine-decisions.ts";
import { carriedOut, type DecisionTarget, mark, recordDecisions, recordPending } from "./ledger.ts";
import { reserve } from "./reserve-action.ts";

/** Statuses of a removal in progress. The failure status is not documented, so every other status counts as a failure. */
const unfinished = new Set(["pending", "processing"]);

/**
 * Requests a manual moderation once the background of a restricted image was removed. A failed removal is held. A forged notification
 * could name any asset, and a request resets an approval, so Cloudinary is asked first.
 */
export async function reviewAfterRemoval(
  asset: DecisionTarget,
  { api, context, status }: Omit<ActionContext, "route"> & { status: string },
): Promise<Settlement> {
  const { settings } = context;
  if (unfinished.has(status)) return { kind: "skip", reason: "undecided" };
  if (status !== "complete") return { kind: "hold", reason: "background-removal-failed" };
  const { reviewAfterBackgroundRemoval: restricted, ownHosts: hosts } = settings.moderation;
  if (!restricted.includes(asset.type)) return { kind: "skip", reason: "not-restricted" };
  if (api === null) return { kind: "hold", reason: "no-account" };
  if (!belongsToAccount(asset, { cloudName: api.cloudName, hosts }))
    return { kind: "hold", reason: "other-cloud" };
  if (asset.assetId === null) return { kind: "hold", reason: "asset-unknown" };
  const within = api.within(context.signal);
  let found: DetailedAsset | null;
  try {
    found = await within.details(asset.assetId);
  } catch (error) {
    return settlementOf(error);
  }
  if (found === null) return { kind: "skip", reason: "gone" };
  if (found.version !== asset.version) return { kind: "hold", reason: "replaced" };
  if (found.info?.background_removal?.cloudinary_ai?.status !== "complete")
    return { kind: "hold", reason: "not-confirmed", result: bothRemovals(asset, found) };
  if (!restricted.includes(found.type)) return { kind: "skip", reason: "not-restricted" };
  const review = found.moderation?.find(({ kind }) => kind === "manual")?.status;
  if (review !== undefined && isFinal(review)) return { kind: "skip", reason: "already-decided" };
  const target = { ...asset, ...assetNameOf(found) };
  return await requestReview(target, { api: within, context, isRequested: review !== undefined });
}

/** What the notification says and what Cloudinary has, for the operator who investigates the difference. */
function bothRemovals(asset: DecisionTarget, { version, info }: DetailedAsset): Json {
  const backgroundRemoval = info?.background_removal?.cloudinary_ai?.status ?? null;
  return {
    notification: { status: "complete", version: asset.version },
    cloudinary: { version, backgroundRemoval },
    askedBy: "admin",
  };
}

async function requestReview(
  asset: DecisionTarget,
  { api, context, isRequested }: { api: CloudinaryApi; context: HandlerContext; isRequested: boolean },
): Promise<Settlement> {
  const { db, deliveryId, settings } = context;
  const status = "complete";
  // One removal per version, however often it is reported: the time of the version stands in for the time of the removal.
  const decision = { kind: backgroundRemovalKind, status, decidedAt: asset.version * 1_000 };
  const target = { ...asset, decisions: [decision] };
  const known = await recordDecisions(db, target, deliveryId);
  const row = known.rows.find((noted) => noted.kind === backgroundRemovalKind);
  if (!row) throw new Error("the ledger has no row for the recorded removal");
  if (settings.moderation.dryRun) {
    await mark(context, target, row, "would-review");
    return { kind: "done", result: { dryRun: true, would: "review" } };
  }

  const reservation = await reserve(db, {
    target,
    row,
    action: "review",
    deliveryId,
    claimNumber: context.claimNumber,
    read: known.recorded.map(({ id }) => id),
    leaseMs: settings.deliver.handlerTimeoutMs + settings.deliver.leaseMarginMs,
    maxDeletionsPerHour: 0,
    isAsked: true,
  });
  if (reservation.kind === "busy") return { kind: "wait", until: soon(reservation.until) };
  if (reservation.kind === "unread") return { kind: "wait", until: new Date() };
  if (reservation.kind !== "reserved") return { kind: "skip", reason: reservation.kind };
  try {
    if (!isRequested) await api.askForModeration(target, "manual");
  } catch (error) {
    if (error instanceof CloudinaryError && error.isNotFound) return { kind: "skip", reason: "gone" };
    return settlementOf(error);
  }
  // Shown on the board immediately: it is not documented whether Cloudinary sends a notification for this call.
  await recordPending(db, target, "manual");
  const method = isRequested ? "already" : "explicit";
  await carriedOut(db, target, row, { action: "review", method, deliveryId });
  return { kind: "done", result: { action: "review", method, moderation: "manual" } };
}
