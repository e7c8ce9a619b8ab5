import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import type { HandlerContext, Settlement } from "../../lib/deliveries/handler.ts";
import { own } from "../../lib/shared/own.ts";
import type { ModerationAction } from "../../settings.ts";
import { carryOut, type Effect } from "./apply-action.ts";
import type { AssetFacts } from "./asset-facts.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { carriedOut, type Judged, type Known, mark } from "./ledger.ts";
import { reserve } from "./reserve-action.ts";

export interface Acting {
  /** null: no account is configured. */
  api: CloudinaryApi | null;
  context: HandlerContext;
  /** The type of the notification. */
  route: string;
}

interface Act {
  api: CloudinaryApi;
  context: HandlerContext;
  route: string;
  judged: Judged;
  known: Known;
  /** The decision in the ledger that this is about. */
  row: LedgerRow;
  chosen: ModerationAction;
  facts: AssetFacts;
}

/** Does what the policy says of a verdict. */
export async function act(doing: Act): Promise<Settlement> {
  const { context, judged, row, chosen } = doing;
  switch (chosen.do) {
    case "nothing":
      return { kind: "skip", reason: "nothing-to-do" };
    case "notify":
      return told(doing);
    case "hold":
      if (!doing.known.released) return await hold("awaits-person", row, doing);
      return await effect(doing, row.status === "rejected" ? { do: "delete" } : publishing(judged));
    case "delete": {
      const until = row.decidedAt + context.settings.moderation.deleteAfterMs;
      if (until > Date.now()) return { kind: "wait", until: new Date(until) };
      return await effect(doing, chosen);
    }
    case "publish":
      return chosen.by === "rename" ? await effect(doing, chosen) : await lift(doing);
    default:
      return chosen satisfies never;
  }
}

/** Publishing by access control: only what it restricts, and nothing that has a date set. */
async function lift(doing: Act): Promise<Settlement> {
  const { judged, row, known } = doing;
  const { accessControl } = doing.facts;
  if (judged.type !== "upload" && !known.released)
    return await hold("restricted-by-delivery-type", row, doing);
  if (accessControl?.some(({ start, end }) => Boolean(start) || Boolean(end)) && !known.released)
    return await hold("access-has-dates", row, doing);
  if (accessControl === null || accessControl?.length === 0)
    return { kind: "skip", reason: "not-restricted" };
  return await effect(doing, publishing(judged));
}

function publishing(judged: Judged): Effect {
  if (judged.type === "upload") return { do: "publish", by: "access-control" };
  return { do: "publish", by: "rename", overwrite: false };
}

/** Reserves, calls, writes down. */
async function effect(doing: Act, wanted: Effect): Promise<Settlement> {
  const { api, context, judged, known, row } = doing;
  const { db, deliveryId, settings } = context;
  if (settings.moderation.dryRun) {
    await mark(db, judged, row, { action: `would-${wanted.do}`, deliveryId });
    return { kind: "done", result: { dryRun: true, would: wanted.do, publicId: judged.publicId } };
  }
  const reservation = await reserve(db, {
    judged,
    row,
    action: wanted.do,
    deliveryId,
    leaseMs: settings.deliver.handlerTimeoutMs + settings.deliver.leaseMarginMs,
    maxDeletionsPerHour: known.released ? Number.MAX_SAFE_INTEGER : settings.moderation.maxDeletionsPerHour,
  });
  switch (reservation.kind) {
    case "carried-out":
      return { kind: "skip", reason: "carried-out" };
    case "overruled":
      return { kind: "wait", until: new Date(Date.now() + 1_000) };
    case "busy":
      return { kind: "wait", until: soon(reservation.until) };
    case "replaced":
      return await hold("replaced", row, doing);
    case "cap-reached":
      return await hold("deletion-cap", row, doing);
    case "reserved": {
      const effected = await carryOut(api, judged, wanted);
      if (effected.kind === "refused") return await hold(effected.reason, row, doing);
      const { method, publicId, type } = effected;
      await carriedOut(db, judged, row, { action: wanted.do, method, deliveryId });
      const was = { publicId: judged.publicId, type: judged.type };
      const result = { action: wanted.do, method, publicId, type, version: judged.version, was };
      return { kind: "done", result };
    }
    default:
      return reservation satisfies never;
  }
}

/** Another delivery is at it: look again when it may be done, not only when its time is up. */
export function soon(until: Date): Date {
  return new Date(Math.min(until.getTime(), Date.now() + 3_000));
}

/** Leaves it to a person; the ledger knows, so that the same decision is not held again by another notification. */
export async function hold(
  reason: string,
  row: LedgerRow,
  { context, judged }: { context: HandlerContext; judged: Judged },
): Promise<Settlement> {
  await mark(context.db, judged, row, { action: "hold", deliveryId: context.deliveryId });
  return { kind: "hold", reason };
}

/** An e-mail, unless the route of this type sends one anyway. */
export function told(about: { context: HandlerContext; judged: Judged; route: string }): Settlement {
  const { context, judged, route } = about;
  const result = { action: "notify" };
  if (own(context.settings.routes, route)?.includes("email")) return { kind: "done", result };
  const subject = `moderation ${judged.identity} ${judged.version}`;
  return { kind: "done", result, follow: [{ handler: "email", subject }] };
}
