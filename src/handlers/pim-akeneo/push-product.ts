import type { AkeneoSettings } from "../../settings.types.ts";
import type { Push, PushOutcome } from "../pim/connector.ts";
import { currentProduct } from "../pim/products.ts";
import type { AkeneoClient } from "./client.ts";
import { type PushEnded, refused, tryAgain } from "./failure.ts";
import { heldIn, nameOf, type Slot, slotsOf, valuesOf } from "./slots.ts";
import { canName, findTarget, type Target, updateTarget } from "./target.ts";
import { forgetUrls, noteUrls, writtenUrls } from "./written-urls.ts";

interface Means {
  client: AkeneoClient;
  settings: AkeneoSettings;
}

const maxUpdates = 2;

/**
 * Reads the product in Akeneo, writes what differs, and reads both sides again. The second look finds a product that changed
 * meanwhile (Akeneo has no conditional update, and a worker that lost its lease may still write), and an update that Akeneo accepted
 * and did not carry out.
 */
export async function pushProduct(product: Push, { client, settings }: Means): Promise<PushOutcome> {
  const { sku, db, signal } = product;
  const { attributes, resources, createMissing } = settings;
  let current: Pick<Push, "images" | "files"> = product;
  let written: Slot[] = [];
  for (let updates = 0; ; updates += 1) {
    const found = await findTarget(client, { sku, resources, signal });
    const target = found ?? (createMissing ? missingProduct(sku, settings) : null);
    if (!target) return { kind: "unknown-sku" };
    const { due, left } = await changesOf(product, target, slotsOf(current, attributes, target.resource));
    if (due.length === 0) {
      await forgetUrls(db, target, written.filter(isRemoval));
      return { kind: "accepted", detail: { resource: target.resource, ...listed(written), left } };
    }
    if (updates === maxUpdates) throw unfinished(due, written);
    await noteUrls(db, target, { slots: due, held: due.map((slot) => heldIn(target.values, slot)) });
    await updateTarget(client, { target, values: valuesOf(due), signal });
    written = [...written.filter((slot) => !due.some((newer) => nameOf(newer) === nameOf(slot))), ...due];
    current = await currentProduct(db, sku);
  }
}

/** What to write: URLs that differ, and null in place of a URL that this receiver wrote. What others wrote is left. */
async function changesOf({ db }: Push, target: Target, slots: readonly Slot[]) {
  const held = slots.map((slot) => ({ slot, url: heldIn(target.values, slot) }));
  const changed = held.filter(({ slot, url }) => url !== (slot.media?.url ?? null));
  const superfluous = changed.filter(({ slot }) => slot.media === null);
  const ours = superfluous.length > 0 ? await writtenUrls(db, target, slots) : null;
  const left = superfluous.filter(({ slot, url }) => !ours?.has(slot, url)).map(({ slot }) => slot);
  const due = changed.map(({ slot }) => slot).filter((slot) => !left.includes(slot));
  return { due, left: left.map(nameOf) };
}

/** An update of a product that does not exist creates it. */
function missingProduct(sku: string, { resources }: AkeneoSettings): Target | null {
  if (!resources.includes("product") || !canName(sku, "product")) return null;
  return { resource: "product", code: sku, exists: false, values: {}, identity: { identifier: sku } };
}

function isRemoval({ media }: Slot): boolean {
  return media === null;
}

function listed(slots: readonly Slot[]) {
  return {
    written: slots.filter((slot) => !isRemoval(slot)).map(nameOf),
    removed: slots.filter(isRemoval).map(nameOf),
  };
}

/** Why there is still something to write after the last update. */
function unfinished(due: readonly Slot[], written: readonly Slot[]): PushEnded {
  const ignored = due.filter((slot) =>
    written.some((entry) => nameOf(entry) === nameOf(slot) && entry.media?.url === slot.media?.url),
  );
  if (ignored.length === 0) return tryAgain("the product changed while it was pushed");
  return refused(
    `Akeneo accepted the update but did not carry it out for ${ignored.map(nameOf).join(", ")}: the attribute may belong to another level of the product's family variant, or the connection may only propose changes`,
  );
}
