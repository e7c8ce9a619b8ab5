import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { envelope } from "../receive/envelope.ts";
import { record } from "../receive/record.ts";
import { ceiling } from "../shared/ceiling.ts";
import { own } from "../shared/own.ts";

/** No e-mail is sent for each notification; one summary lists all of them. */
const fedHandlers = new Set(["moderation", "pim", "faces"]);

/** Only products are affected: decisions that were made before the receiver existed are not carried out. */
export async function feedProducts(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  from: { settings: Settings; cloud: string },
): Promise<boolean> {
  const routed = own(from.settings.routes, body.notification_type) ?? [];
  return await recordOwn(db, body, { ...from, handlers: routed.filter((handler) => handler === "pim") });
}

/** Records a missing notification and plans its deliveries. False if it was recorded before. */
export async function feed(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  from: { settings: Settings; cloud: string },
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
  from: { settings: Settings; cloud: string },
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
  { settings, cloud, handlers }: { settings: Settings; cloud: string; handlers: readonly string[] },
): Promise<boolean> {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const { timesSeen } = await record(db, {
    envelope: envelope(bytes, "", ceiling(new Date(), settings)),
    body: bytes,
    headers: {},
    source: "reconcile",
    cloud,
    signedAt: null,
    secretName: null,
    algorithm: null,
    unexpectedFor: null,
    handlers,
    handlersOncePublic: [],
  });
  return timesSeen === 1;
}
