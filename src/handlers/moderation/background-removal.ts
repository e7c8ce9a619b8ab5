import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { Settlement } from "../../lib/deliveries/handler.ts";
import type { ActionContext } from "./act-on-decision.ts";
import { soon } from "./carry-out.ts";
import { backgroundRemovalKind } from "./combine-decisions.ts";
import { carriedOut, type DecisionTarget, mark, recordDecisions, recordPending } from "./ledger.ts";
import { reserve } from "./reserve-action.ts";

/** Statuses of a removal in progress. The failure status is not documented, so every other status counts as a failure. */
const unfinished = new Set(["pending", "processing"]);

/** Requests a manual moderation once the background of a restricted image was removed. A failed removal is held. */
export async function reviewAfterRemoval(
  asset: DecisionTarget,
  { api, context, status }: Omit<ActionContext, "route"> & { status: string },
): Promise<Settlement> {
  const { db, deliveryId, settings } = context;
  if (unfinished.has(status)) return { kind: "skip", reason: "undecided" };
  if (status !== "complete") return { kind: "hold", reason: "background-removal-failed" };
  if (!settings.moderation.reviewAfterBackgroundRemoval.includes(asset.type))
    return { kind: "skip", reason: "not-restricted" };
  if (api === null) return { kind: "hold", reason: "no-account" };
  if (!belongsToAccount(asset, { cloudName: api.cloudName, hosts: settings.moderation.ownHosts }))
    return { kind: "hold", reason: "other-cloud" };

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
  });
  if (reservation.kind === "busy") return { kind: "wait", until: soon(reservation.until) };
  if (reservation.kind === "unread") return { kind: "wait", until: new Date() };
  if (reservation.kind !== "reserved") return { kind: "skip", reason: reservation.kind };
  try {
    await api.within(context.signal).askForModeration(target, "manual");
  } catch (error) {
    if (error instanceof CloudinaryError && error.isNotFound) return { kind: "skip", reason: "gone" };
    return settlementOf(error);
  }
  // Shown on the board immediately: it is not documented whether Cloudinary sends a notification for this call.
  await recordPending(db, target, "manual");
  await carriedOut(db, target, row, { action: "review", method: "explicit", deliveryId });
  return { kind: "done", result: { action: "review", moderation: "manual" } };
}
