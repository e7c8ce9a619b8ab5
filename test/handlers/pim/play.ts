import { randomUUID } from "node:crypto";
import { pim } from "../../../src/handlers/pim/handler.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import type { Handler, Json, RecordedNotification, Settlement } from "../../../src/lib/deliveries/handler.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { settings as defaults } from "../../../src/settings.ts";
import type { Settings } from "../../../src/settings.types.ts";

export interface Playing {
  settings?: Settings;
  handler?: Handler;
  /** What the signed header says; the present where it does not matter. */
  signedAt?: Date;
  receivedAt?: Date;
  /** The notification's; each has its own where it does not matter. */
  id?: string;
  /** Received on the hook for uploads by visitors. */
  byPublicHook?: boolean;
  /** Where it comes from; a hook where it does not matter. */
  source?: RecordedNotification["source"];
  attempt?: number;
  progress?: Json;
  subject?: string;
  deliveryId?: string;
  signal?: AbortSignal;
}

/** Hands a body to the handler as `deliver` does, and returns how the attempt ended. */
export async function play(db: Db, body: object, playing: Playing = {}): Promise<Settlement> {
  const { handler = pim(), settings = defaults, attempt = 1 } = playing;
  return handler.handle(played(body, playing), {
    deliveryId: playing.deliveryId ?? randomUUID(),
    subject: playing.subject ?? null,
    attempt,
    claimNumber: attempt,
    progress: playing.progress ?? null,
    settings,
    db,
    signal: playing.signal ?? AbortSignal.timeout(20_000),
    markSending: async () => true,
  });
}

/** A body as `deliver` reads it from the database. */
export function played(body: object, playing: Playing): RecordedNotification {
  const parsed = parse(Buffer.from(JSON.stringify(body)), null);
  if (!parsed.ok) throw new Error(`the body does not parse: ${JSON.stringify(parsed.issues)}`);
  const { id = randomUUID(), signedAt = new Date(), receivedAt = signedAt, byPublicHook = false } = playing;
  const { source = byPublicHook ? "public" : "webhook" } = playing;
  return { id, receivedAt, signedAt, source, cloud: null, byPublicHook, content: parsed.notification };
}

export interface Shown {
  sku: string;
  rendition: string;
  secure_url: string;
  is_file: boolean;
  stale: boolean;
}

/** What the products show of an asset. */
export async function shown(db: Db, assetId: string): Promise<Shown[]> {
  return (await shownOf(db, [assetId])).get(assetId) ?? [];
}

/** The same of several in one statement, which takes the database longer to plan than to run. */
export async function shownOf(db: Db, assetIds: readonly string[]): Promise<Map<string, Shown[]>> {
  const { rows } = await db.query<Shown & { asset_id: string }>(
    `select asset_id, sku, rendition, secure_url, is_file, stale from (
       select asset_id, sku, rendition, secure_url, stale, false as is_file from pim_product_image
       union all select asset_id, sku, rendition, secure_url, stale, true from pim_product_files) s
     where asset_id = any ($1) order by rendition collate "C", sku`,
    [assetIds],
  );
  const byAsset = new Map(assetIds.map((id): [string, Shown[]] => [id, []]));
  for (const { asset_id, ...picture } of rows) byAsset.get(asset_id)?.push(picture);
  return byAsset;
}
