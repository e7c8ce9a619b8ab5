import type { Settings } from "../../settings.types.ts";
import type { CloudinaryApi } from "../cloudinary/api.ts";
import type { Db } from "../database/pool.ts";
import { envelope } from "../receive/envelope.ts";
import { record } from "../receive/record.ts";
import { withoutPrefix } from "../shared/asset-prefix.ts";
import { ceiling } from "../shared/ceiling.ts";
import { own } from "../shared/own.ts";

interface Source {
  settings: Settings;
  /** The cloud that it is about. */
  of: Pick<CloudinaryApi, "cloudName" | "assetPrefix">;
}

/** No e-mail is sent for each notification; one summary lists all of them. */
const fedHandlers = new Set(["moderation", "pim", "faces"]);

/** Only products are affected: decisions that were made before the receiver existed are not carried out. */
export async function feedProducts(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  from: Source,
): Promise<boolean> {
  const routed = own(from.settings.routes, body.notification_type) ?? [];
  return await recordOwn(db, body, { ...from, handlers: routed.filter((handler) => handler === "pim") });
}

/** Records a missing notification and plans its deliveries. False if it was recorded before. */
export async function feed(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  from: Source,
): Promise<boolean> {
  const { routes, faces } = from.settings;
  const handlers = (own(routes, body.notification_type) ?? []).filter(
    (handler) => fedHandlers.has(handler) && (handler !== "faces" || faces.legalBasis !== null),
  );
  return await recordOwn(db, body, { ...from, handlers });
}

/** Records the summary of a run as a notification, so that one mail is sent about it. */
export async function tellSummary(
  db: Db,
  found: { at: Date; missed: Readonly<Record<string, readonly string[]>> },
  from: Source,
): Promise<void> {
  const counts = Object.entries(found.missed).map(([what, names]) => [what, names.length]);
  const body = {
    notification_type: "reconcile_summary",
    timestamp: found.at.toISOString(),
    missed: Object.fromEntries(counts),
    // Limited; the inbox shows all of them with source `reconcile`.
    assets: Object.values(found.missed).flat().slice(0, 50),
  };
  await recordOwn(db, body, { ...from, handlers: ["email"] });
}

async function recordOwn(
  db: Db,
  body: object,
  { settings, of, handlers }: Source & { handlers: readonly string[] },
): Promise<boolean> {
  const bytes = new TextEncoder().encode(JSON.stringify(asSent(body)));
  const { timesSeen } = await record(db, {
    envelope: envelope(bytes, "", ceiling(new Date(), settings), of.assetPrefix),
    body: bytes,
    headers: {},
    source: "reconcile",
    cloud: of.cloudName,
    signedAt: null,
    secretName: null,
    algorithm: null,
    unexpectedFor: null,
    handlers,
    handlersOncePublic: [],
  });
  return timesSeen === 1;
}

/** With the asset id as Cloudinary sends it. */
function asSent(body: object): object {
  return "asset_id" in body && typeof body.asset_id === "string"
    ? { ...body, asset_id: withoutPrefix(body.asset_id) }
    : body;
}
