import type { ProductEvent } from "../outside/product-story.ts";
import { urlOf } from "../outside/product-story.ts";
import type { TakenProduct } from "../outside/world.ts";
import type { Records } from "./records.ts";
import type { Figures, Violation } from "./violation.ts";

interface Picture {
  sku: string;
  rendition: string;
  assetId: string;
  url: string;
}

/** The pictures of an asset, from what is true of it at the end, told in the order in which it happened. */
function picturesOf(events: readonly ProductEvent[]): Picture[] {
  let publicId = "";
  let tags = new Set<string>();
  let fromContext = "";
  let deletedVersion = -1;
  const renditions = new Map<string, number>();
  const later = (name: string, version: number) =>
    renditions.set(name, Math.max(version, renditions.get(name) ?? 0));

  for (const event of [...events].sort((a, b) => a.atMs - b.atMs)) {
    publicId = event.publicId;
    switch (event.kind) {
      case "upload":
        tags = new Set(event.tags);
        later("original", event.version);
        break;
      case "eager":
        for (const one of event.transformations) later(one, event.version);
        break;
      case "rename":
        break; // Its name is all that it tells.
      case "tags":
        tags = new Set([...tags, ...event.added].filter((tag) => !event.removed.includes(tag)));
        break;
      case "context":
        fromContext = event.sku;
        break;
      case "delete":
        deletedVersion = event.version;
        break;
      default:
        event satisfies never;
    }
  }
  const inName = /^products\/([^/]+)\//.exec(publicId)?.[1] ?? "";
  const inTags = [...tags].map((tag) => tag.replace(/^sku:/, ""));
  // The default order of the sources: contextual metadata, tags, public id.
  const skus = fromContext !== "" ? [fromContext] : inTags.length > 0 ? inTags : [inName];
  const { assetId = "" } = events[0] ?? {};
  const name = publicId;
  return skus.flatMap((sku) =>
    [...renditions].flatMap(([rendition, version]) =>
      version <= deletedVersion
        ? []
        : { sku, rendition, assetId, url: urlOf(name, version, rendition === "original" ? "" : rendition) },
    ),
  );
}

/** The products are what the stored notifications tell, in whatever order they came; the product system has the same. */
export function checkProducts(
  {
    productEvents,
    taken,
  }: { productEvents: ReadonlyMap<string, ProductEvent>; taken: ReadonlyMap<string, TakenProduct> },
  records: Records,
  figures: Figures,
): Violation[] {
  const byAsset = new Map<string, ProductEvent[]>();
  const tokens = new Map<string, string[]>();
  for (const { sha256, token } of records.notifications) {
    const event = productEvents.get(sha256);
    if (!event) continue;
    tokens.set(event.assetId, [...(tokens.get(event.assetId) ?? []), token ?? ""]);
    byAsset.set(event.assetId, [...(byAsset.get(event.assetId) ?? []), event]);
  }
  const expected = new Set([...byAsset.values()].flatMap(picturesOf).map(keyOf));
  const found = new Set(records.pictures.filter(({ assetId }) => byAsset.has(assetId)).map(keyOf));
  const violations: Violation[] = [];
  const wrong = (invariant: string, key: string): Violation => {
    const [sku = "", , assetId = ""] = key.split(" ");
    return { invariant, text: key, about: tokens.get(assetId) ?? [sku] };
  };
  for (const key of expected) if (!found.has(key)) violations.push(wrong("picture-missing", key));
  for (const key of found) if (!expected.has(key)) violations.push(wrong("picture-wrong", key));

  const sent = new Set(
    [...taken].flatMap(([sku, { images }]) =>
      images.map(({ url, rendition, asset_id: assetId }) => keyOf({ sku, rendition, assetId, url })),
    ),
  );
  for (const key of expected) if (!sent.has(key)) violations.push(wrong("product-system-lacks", key));
  for (const key of sent) if (!expected.has(key)) violations.push(wrong("product-system-has", key));
  figures.assets = byAsset.size;
  figures.pictures = expected.size;
  figures.productMessages = [...taken.values()].reduce((sum, product) => sum + product.taken, 0);
  return violations;
}

const keyOf = ({ sku, rendition, assetId, url }: Picture): string => `${sku} ${rendition} ${assetId} ${url}`;
