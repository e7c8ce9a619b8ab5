import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { envelope } from "../receive/envelope.ts";
import { record } from "../receive/record.ts";
import { ceiling } from "../shared/ceiling.ts";
import { own } from "../shared/own.ts";

/** Nobody gets an e-mail for each: one summary tells of all. */
const fedHandlers = new Set(["moderation", "pim"]);

/** Records what Cloudinary should have sent, to be delivered like a notification. False when it was fed before. */
export async function feed(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  from: { settings: Settings; cloud: string },
): Promise<boolean> {
  const handlers = (own(from.settings.routes, body.notification_type) ?? []).filter((handler) =>
    fedHandlers.has(handler),
  );
  return await recordOwn(db, body, { ...from, handlers });
}

/** One mail about a run, as a notification of our own. */
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
    // Enough to look at; all of them are in the record, with source `reconcile`.
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
