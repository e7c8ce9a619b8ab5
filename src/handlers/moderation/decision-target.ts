import { resourceType } from "../../lib/cloudinary/api.ts";
import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { Asset, Decision } from "../../lib/notifications/notification.ts";
import type { DatedDecision, DecisionTarget } from "./ledger.ts";

/** The asset version that a notification decides on; a string is the hold reason when the body does not identify it. */
export function decisionTargetOf(
  notification: RecordedNotification,
  about: { asset: Asset | undefined; decisions: readonly Decision[] },
): DecisionTarget | "asset-unknown" | "version-unknown" {
  const { asset } = about;
  const known = resourceType.safeParse(asset?.resource_type);
  if (!asset?.public_id || !asset.type || !known.success) return "asset-unknown";
  if (asset.version === undefined) return "version-unknown";
  return {
    identity: asset.identity,
    cloud: notification.cloud,
    assetId: asset.asset_id ?? null,
    version: asset.version,
    publicId: asset.public_id,
    resourceType: known.data,
    type: asset.type,
    urls: asset.secure_url === undefined ? [] : [asset.secure_url],
    decisions: datedDecisions(
      about.decisions,
      notification.content.occurredAt ?? notification.signedAt ?? notification.receivedAt,
    ),
  };
}

/** Decisions with their time, or the time of the notification if they have none. */
export function datedDecisions(decisions: readonly Decision[], fallback: Date): DatedDecision[] {
  return decisions.map(({ kind, status, at }) => ({ kind, status, decidedAt: (at ?? fallback).getTime() }));
}
