import type { Seeded } from "../seeded.ts";
import { account } from "./world.ts";

/** What is true of an asset from an instant on. The model computes products from these, and from nothing else. */
export type ProductEvent = {
  assetId: string;
  atMs: number;
  /** The name that the asset has then: every notification tells it. */
  publicId: string;
} & (
  | { kind: "upload"; version: number; tags: string[] }
  | { kind: "eager"; version: number; transformations: string[] }
  | { kind: "rename" }
  | { kind: "tags"; added: string[]; removed: string[] }
  /** The SKU in the contextual metadata; empty: the key was removed. */
  | { kind: "context"; sku: string }
  | { kind: "delete"; version: number }
);

export interface StoryNotification {
  token: string;
  type: string;
  body: string;
  event: ProductEvent;
}

const transformations = ["c_fill,h_400,w_400", "c_scale,w_100", "q_auto"] as const;
/** Between two events of an asset, so that their order is beyond doubt. */
const stepMs = 1_500;

export const urlOf = (publicId: string, version: number, transformation = ""): string =>
  `https://res.cloudinary.com/${account.cloud}/image/upload/${transformation === "" ? "" : `${transformation}/`}v${version}/${publicId}.jpg`;

/** The life of a picture of a product, as the notifications that tell it, in the order in which it happened. */
export function productStory(random: Seeded, skus: number, now: number): StoryNotification[] {
  const assetId = random.hex(32);
  const sku = () => `SKU-${random.between(1, skus)}`;
  const unique = random.hex(10);
  let publicId = `products/${sku()}/gallery-${random.between(1, 9)}-${unique}`;
  let version = 0;
  const tags = new Set<string>();
  const told: StoryNotification[] = [];
  const steps = random.between(2, 7);
  let atMs = now - 600_000 + random.between(0, 1_000) - steps * stepMs;

  const tell = (type: string, fields: object, event: ProductEvent) => {
    const token = `n${random.hex(14)}`;
    told.push({ token, type, event, body: bodyOf(type, atMs, fields, token) });
  };
  const names = () => ({ asset_id: assetId, public_id: publicId, resource_type: "image", type: "upload" });

  for (let step = 0; step <= steps; step += 1) {
    atMs += stepMs;
    const kind =
      step === 0
        ? "upload"
        : step === steps && random.chance(0.2)
          ? "delete"
          : random.pick(["upload", "eager", "eager", "eager", "rename", "tags", "context"] as const);
    switch (kind) {
      case "upload": {
        version = Math.floor(atMs / 1_000);
        const url = urlOf(publicId, version);
        const picture = {
          width: 800,
          height: 600,
          format: "jpg",
          bytes: 48_211,
          tags: [...tags],
          secure_url: url,
        };
        const event = { assetId, atMs, kind, publicId, version, tags: [...tags] };
        tell("upload", { ...names(), version, ...picture }, event);
        break;
      }
      case "eager": {
        const chosen = transformations.filter(() => random.chance(0.6));
        const eager = [...chosen, ...(chosen.length === 0 ? [transformations[0]] : [])];
        const entries = eager.map((transformation) => ({
          transformation,
          width: 400,
          height: 400,
          bytes: 9_000,
          format: "jpg",
          secure_url: urlOf(publicId, version, transformation),
        }));
        const fields = { batch_id: random.hex(32), asset_id: assetId, public_id: publicId, eager: entries };
        tell("eager", fields, { assetId, atMs, kind, publicId, version, transformations: eager });
        break;
      }
      case "rename": {
        const from = publicId;
        publicId = `products/${sku()}/gallery-${random.between(1, 9)}-${unique}`;
        const fields = {
          asset_id: assetId,
          resource_type: "image",
          type: "upload",
          from_public_id: from,
          to_public_id: publicId,
        };
        tell("rename", fields, { assetId, atMs, kind, publicId });
        break;
      }
      case "tags": {
        const tag = `sku:${sku()}`;
        const [added, removed] = tags.has(tag) ? [[], [tag]] : [[tag], []];
        for (const one of added) tags.add(one);
        for (const one of removed) tags.delete(one);
        const resources = [{ ...names(), added, removed, updated: [] }];
        tell(
          "resource_tags_changed",
          { source: "api", resources },
          { assetId, atMs, kind, publicId, added, removed },
        );
        break;
      }
      case "context": {
        const set = random.chance(0.6) ? sku() : "";
        const change =
          set === ""
            ? { added: {}, updated: {}, removed: ["sku"] }
            : { added: { sku: set }, updated: {}, removed: [] };
        const resources = { [publicId]: { ...names(), ...change } };
        tell(
          "resource_context_changed",
          { source: "api", resources },
          { assetId, atMs, kind, publicId, sku: set },
        );
        break;
      }
      case "delete": {
        const resources = [{ ...names(), version }];
        tell("delete", { resources }, { assetId, atMs, kind, publicId, version });
        break;
      }
      default:
        return kind satisfies never;
    }
  }
  return told;
}

function bodyOf(type: string, atMs: number, fields: object, token: string): string {
  return JSON.stringify({
    notification_type: type,
    timestamp: `${new Date(atMs).toISOString().slice(0, 19)}+00:00`,
    request_id: token,
    ...fields,
    // The mail about it has this in its subject.
    ...(type === "eager" && { display_name: token }),
    notification_context: {
      triggered_at: new Date(atMs).toISOString().replace("Z", "000Z"),
      triggered_by: { source: "api", id: account.apiKey },
    },
    signature_key: account.apiKey,
  });
}
