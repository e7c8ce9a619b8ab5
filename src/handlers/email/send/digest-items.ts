import type { BatchedDelivery } from "../../../lib/deliveries/claim-batch.ts";
import type { HandlerContext, RecordedNotification } from "../../../lib/deliveries/handler.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import type { Settings } from "../../../settings.types.ts";
import { type AssetProducts, productsOfAssets } from "../../pim/products-of-assets.ts";
import type { DigestItem } from "../compose/digest.ts";
import { nothingKnown } from "../known.ts";
import { titleOf, withTitle } from "../messages/formatting.ts";

/** The entries of a digest: that of its own delivery first. Assets are named by product where it is known. */
export async function digestItems(
  { db, settings }: Pick<HandlerContext, "db" | "settings">,
  notification: RecordedNotification,
  others: readonly BatchedDelivery[],
): Promise<DigestItem[]> {
  const items = [itemOf(notification), ...others.map((other) => readItem(other, settings))];
  const ids = items.flatMap(({ content }) => content?.assets[0]?.asset_id ?? []);
  try {
    const products = await productsOfAssets(db, ids);
    return items.map((item) => named(item, products));
  } catch (error) {
    // The deliveries are marked as being sent: a name is not worth losing them.
    log("warn", "products of a digest not read", { error: errorText(error) });
    return items;
  }
}

function named(item: DigestItem, products: ReadonlyMap<string, AssetProducts>): DigestItem {
  const [asset, ...more] = item.content?.assets ?? [];
  const known = asset?.asset_id === undefined ? undefined : products.get(asset.asset_id);
  if (!item.content || !known || more.length > 0) return item;
  const { skus, displayName } = known;
  return {
    ...item,
    content: withTitle(item.content, titleOf(asset, { ...nothingKnown, skus, displayName })),
  };
}

function itemOf({ id, receivedAt, cloud, content }: RecordedNotification): DigestItem {
  return { notificationId: id, receivedAt, cloud, content, type: content.type, publicId: null };
}

function readItem(delivery: BatchedDelivery, settings: Settings): DigestItem {
  const { notificationId, receivedAt, signedAt, cloud, assetPrefix, type, publicId, body } = delivery;
  const parsed = body && parse(body, ceiling(signedAt ?? receivedAt, settings), assetPrefix);
  return {
    notificationId,
    receivedAt,
    cloud,
    content: parsed?.ok ? parsed.notification : null,
    type,
    publicId,
  };
}
