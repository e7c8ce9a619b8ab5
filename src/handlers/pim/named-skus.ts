import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { PimSettings } from "../../settings.types.ts";
import { changesOf } from "./changes.ts";

/** The SKUs that a notification names for its assets, by asset id, for the search. Whether they are shown on a product is decided elsewhere. */
export function namedSkus(
  notification: RecordedNotification,
  settings: PimSettings,
): ReadonlyMap<string, readonly string[]> {
  const skus = new Map<string, string[]>();
  for (const { facts } of changesOf(notification, settings) ?? [])
    for (const { field, value } of facts.claims ?? [])
      if (field === "sku" && value !== null)
        skus.set(facts.assetId, [...(skus.get(facts.assetId) ?? []), value]);
  return skus;
}
