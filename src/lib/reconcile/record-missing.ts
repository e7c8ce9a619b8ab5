import type { Settings } from "../../settings.ts";
import type { Db } from "../database/pool.ts";
import { envelope } from "../receive/envelope.ts";
import { record } from "../receive/record.ts";
import { own } from "../shared/own.ts";

/** Nobody gets an e-mail for each: one summary tells of all. */
const fedHandlers = new Set(["moderation", "pim"]);

/** Records what Cloudinary should have sent, to be delivered like a notification. False when it was fed before. */
export async function feed(
  db: Db,
  body: { notification_type: string; [field: string]: unknown },
  routes: Settings["routes"],
): Promise<boolean> {
  const handlers = (own(routes, body.notification_type) ?? []).filter((handler) => fedHandlers.has(handler));
  return await recordOwn(db, body, handlers);
}

/** One mail about a run, as a notification of our own. */
export async function tellSummary(
  db: Db,
  found: { at: Date; missed: Readonly<Record<string, readonly string[]>> },
): Promise<void> {
  const counts = Object.entries(found.missed).map(([what, names]) => [what, names.length]);
  const body = {
    notification_type: "reconcile_summary",
    timestamp: found.at.toISOString(),
    missed: Object.fromEntries(counts),
    // Enough to look at; all of them are in the record, with source `reconcile`.
    assets: Object.values(found.missed).flat().slice(0, 50),
  };
  await recordOwn(db, body, ["email"]);
}

async function recordOwn(db: Db, body: object, handlers: readonly string[]): Promise<boolean> {
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const { timesSeen } = await record(db, {
    envelope: envelope(bytes, ""),
    body: bytes,
    headers: {},
    source: "reconcile",
    signedAt: null,
    secretName: null,
    algorithm: null,
    unexpectedFor: null,
    handlers,
  });
  return timesSeen === 1;
}
