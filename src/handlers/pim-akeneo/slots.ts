import { own } from "../../lib/shared/own.ts";
import type { AkeneoAttribute } from "../../settings.types.ts";
import type { CurrentProduct } from "../pim/products.ts";
import type { Values } from "./resources.ts";
import type { NewValue, Target } from "./target.ts";

/** One value of an attribute, and the picture or file whose URL belongs in it. */
export interface Slot {
  attribute: string;
  locale: string | null;
  scope: string | null;
  /** null: the product has no such picture or file. */
  media: { url: string; assetId: string } | null;
}

/** The configured values of a product or product model. */
export function slotsOf(
  product: Pick<CurrentProduct, "images" | "files">,
  attributes: readonly AkeneoAttribute[],
  resource: Target["resource"],
): Slot[] {
  const kind = resource === "product-model" ? "product-model" : "product";
  return attributes
    .filter(({ on }) => on === undefined || on === kind)
    .map(({ attribute, locale = null, scope = null, ...which }) => ({
      attribute,
      locale,
      scope,
      media: mediaFor(product, which),
    }));
}

/** The nth asset with this role and rendition; of each asset, the first one in display order. */
function mediaFor(
  { images, files }: Pick<CurrentProduct, "images" | "files">,
  { file, role, rendition, nth = 1 }: Pick<AkeneoAttribute, "file" | "role" | "rendition" | "nth">,
): Slot["media"] {
  const candidates = file === undefined ? images : files.filter(({ mediaKind }) => mediaKind === file);
  const matching = candidates.filter(
    (image) =>
      (role === undefined || image.role === role) &&
      (rendition === undefined || image.rendition === rendition),
  );
  const assets = [...new Set(matching.map(({ assetId }) => assetId))];
  const image = matching.find(({ assetId }) => assetId === assets[nth - 1]);
  return image ? { url: image.secureUrl, assetId: image.assetId } : null;
}

/** What Akeneo holds in this slot; null if nothing. */
export function heldIn(values: Values, { attribute, locale, scope }: Slot): unknown {
  const held = own(values, attribute)?.find((value) => value.locale === locale && value.scope === scope);
  return held?.data ?? null;
}

/** `values` of an update, in Akeneo's format. */
export function valuesOf(slots: readonly Slot[]): Record<string, NewValue[]> {
  const attributes = new Map<string, NewValue[]>();
  for (const { attribute, locale, scope, media } of slots)
    attributes.set(attribute, [
      ...(attributes.get(attribute) ?? []),
      { locale, scope, data: media?.url ?? null },
    ]);
  return Object.fromEntries(attributes);
}

/** For people: `image_url (en_US, ecommerce)`. */
export function nameOf({
  attribute,
  locale = null,
  scope = null,
}: Pick<AkeneoAttribute, "attribute" | "locale" | "scope">): string {
  const where = [locale, scope].filter((part) => part !== null);
  return where.length === 0 ? attribute : `${attribute} (${where.join(", ")})`;
}
