import { createHash } from "node:crypto";
import type { Db } from "../../lib/database/pool.ts";
import type { Slot } from "./slots.ts";
import type { Target } from "./target.ts";

/** Which URLs this receiver wrote, by slot. Only digests are stored: they answer the question, and name nothing. */
export interface WrittenUrls {
  has(slot: Slot, url: unknown): boolean;
}

type Holder = Pick<Target, "resource" | "code">;

export async function writtenUrls(db: Db, holder: Holder, slots: readonly Slot[]): Promise<WrittenUrls> {
  const { rows } = await db.query<{ slot: string; url: string }>(
    "select slot_sha256 as slot, url_sha256 as url from akeneo_urls where slot_sha256 = any ($1::text[])",
    [slots.map((slot) => slotDigest(holder, slot))],
  );
  const written = new Set(rows.map(({ slot, url }) => `${slot} ${url}`));
  return {
    has: (slot, url) => typeof url === "string" && written.has(`${slotDigest(holder, slot)} ${digest(url)}`),
  };
}

// Old rows of the same slot go along; a young one may belong to an update that is still under way.
const noting = `
with noted as (
  select * from unnest($1::text[], $2::text[], $3::text[]) as n (slot_sha256, url_sha256, asset_id)
), replaced as (
  delete from akeneo_urls u using noted n
  where u.slot_sha256 = n.slot_sha256 and u.url_sha256 <> all ($4::text[]) and u.written_at < now() - interval '1 hour'
)
insert into akeneo_urls (slot_sha256, url_sha256, asset_id) select * from noted
on conflict (slot_sha256, url_sha256) do update set asset_id = excluded.asset_id, written_at = now(), erased_at = null`;

/**
 * Notes what is about to be written: before the request, because its answer can be lost. `held` is what the slots hold until then,
 * which stays known in case the request fails.
 */
export async function noteUrls(
  db: Db,
  holder: Holder,
  { slots, held }: { slots: readonly Slot[]; held: readonly unknown[] },
): Promise<void> {
  const rows = slots.flatMap((slot) =>
    slot.media ? [{ slot: slotDigest(holder, slot), ...slot.media }] : [],
  );
  if (rows.length === 0) return;
  const urls = rows.map(({ url }) => digest(url));
  const kept = [...urls, ...held.filter((url) => typeof url === "string").map(digest)];
  await db.query(noting, [rows.map(({ slot }) => slot), urls, rows.map(({ assetId }) => assetId), kept]);
}

/** After their URLs were removed from Akeneo. */
export async function forgetUrls(db: Db, holder: Holder, slots: readonly Slot[]): Promise<void> {
  if (slots.length === 0) return;
  await db.query("delete from akeneo_urls where slot_sha256 = any ($1::text[])", [
    slots.map((slot) => slotDigest(holder, slot)),
  ]);
}

/** Deletes digests of erased assets, which are kept for a while so that their URLs can still be removed from Akeneo. */
export async function forgetErasedUrls(db: Db, days: number): Promise<void> {
  await db.query("delete from akeneo_urls where erased_at < now() - $1::int * interval '1 day'", [days]);
}

function slotDigest({ resource, code }: Holder, { attribute, locale, scope }: Slot): string {
  return digest(JSON.stringify([resource, code, attribute, locale, scope]));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
