import { isDeepStrictEqual } from "node:util";
import type { AssetName, CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { HandlerContext, Settlement } from "../../lib/deliveries/handler.ts";
import { stopwatch } from "../../lib/shared/stopwatch.ts";
import { apply, isDone } from "./apply-action.ts";
import { ask, bothStatuses, confirmationOf, find, type Seen } from "./ask-cloudinary.ts";
import { type AssetFacts, factsOfFound, traitsOf } from "./asset-facts.ts";
import type { FinalStatus, LedgerRow } from "./combine-decisions.ts";
import { hold } from "./hold.ts";
import { carriedOut, type DecisionTarget, type Known, mark } from "./ledger.ts";
import { type Effect, isAsked, planOf } from "./plan.ts";
import { reserve } from "./reserve-action.ts";
import { actionFor } from "./rules.ts";

export interface CarryOut {
  api: CloudinaryApi;
  context: HandlerContext;
  target: DecisionTarget;
  known: Known;
  status: FinalStatus;
  /** The ledger row of the decision, and the kind whose rule applies. */
  row: LedgerRow;
  kind: string;
  /** From the recorded upload, or from Cloudinary where that was not recorded. */
  facts: AssetFacts;
  /** The state at Cloudinary, if it was already read. */
  seen: (Seen & { age: () => number }) | null;
  /** The rules were already applied to Cloudinary's description of the asset. */
  isReplanned?: boolean;
}

/** Cloudinary describes the asset in another way than the notifications: the rules are applied again, to its description. */
export interface Replan {
  kind: "replan";
  seen: Seen & { age: () => number };
  facts: AssetFacts;
}

/** A check against the database or Cloudinary is valid for this long, and is then repeated before the call. */
const freshForMs = 1_000;
/** Without this limit, checks that take longer than they are valid would repeat forever. */
const maxChecks = 6;

/**
 * Reserves the decision, confirms it with Cloudinary, makes the call, and records it. If the reservation or the confirmation expires
 * before the call, it is repeated. No call is made after the handler's deadline.
 */
export async function carryOut(input: CarryOut, effect: Effect): Promise<Settlement | Replan> {
  const { context, target, known, row } = input;
  if (context.settings.moderation.dryRun) {
    await mark(context, target, row, `would-${effect.do}`);
    return { kind: "done", result: { dryRun: true, would: effect.do, publicId: target.publicId } };
  }
  const run: Run = {
    ...input,
    effect,
    name: input.seen ? assetNameOf(input.seen.asset) : target,
    step: effect,
    isEvaluated: false,
    isCalling: false,
    begun: row.begunAt !== null,
    reservedFor: () => Number.POSITIVE_INFINITY,
  };
  for (let look = 0; look < maxChecks; look += 1) {
    if (run.reservedFor() > freshForMs) {
      const inTheWay = await reserved(run, known.released);
      if (inTheWay) return inTheWay;
    }
    try {
      const end = await confirmAndCall(run);
      if (end) return end;
    } catch (error) {
      return await failed(run, error);
    }
  }
  await giveBack(run);
  return {
    kind: "retry",
    error: "each check took longer than it is valid: the database or Cloudinary is too slow",
  };
}

interface Run extends CarryOut {
  effect: Effect;
  /** The name the asset has now. */
  name: AssetName;
  /** `seen` has been evaluated. */
  isEvaluated: boolean;
  /** A call that changes the asset was sent, and its response has not been read. */
  isCalling: boolean;
  /** The call to make next. */
  step: Effect | { do: "update-access" };
  /** A call in this attempt or an earlier one may have taken effect. */
  begun: boolean;
  reservedFor: () => number;
}

/** Reserves the decision; returns a settlement when it cannot be carried out now. */
async function reserved(run: Run, released: boolean): Promise<Settlement | null> {
  const { context, target, row, known, effect } = run;
  const { db, deliveryId, claimNumber, settings } = context;
  run.reservedFor = stopwatch();
  const reservation = await reserve(db, {
    target,
    row,
    action: effect.do,
    deliveryId,
    claimNumber,
    read: known.recorded.map(({ id }) => id),
    leaseMs: settings.deliver.handlerTimeoutMs + settings.deliver.leaseMarginMs,
    maxDeletionsPerHour: released ? Number.MAX_SAFE_INTEGER : settings.moderation.maxDeletionsPerHour,
    isAsked: isAsked(effect, settings.moderation),
  });
  switch (reservation.kind) {
    case "reserved":
      return null;
    case "carried-out":
    case "taken-back":
      return { kind: "skip", reason: reservation.kind };
    case "overruled":
      return { kind: "wait", until: new Date(Date.now() + 1_000) };
    case "unread":
      return { kind: "wait", until: new Date() };
    case "busy":
      return { kind: "wait", until: soon(reservation.until) };
    case "replaced":
      return await hold("replaced", row, run);
    case "cap-reached":
      return await hold("deletion-cap", row, run);
    default:
      return reservation satisfies never;
  }
}

/** null when a check has expired or the state has changed, so that all checks are repeated. */
async function confirmAndCall(run: Run): Promise<Settlement | Replan | null> {
  const { api, context, target, effect } = run;
  if (context.settings.moderation.confirm.includes(effect.do)) {
    if (run.seen === null || run.seen.age() > freshForMs) remember(run, await ask(api, target, run.name));
    const end = run.isEvaluated ? null : await evaluate(run);
    if (end) return end;
    if (run.seen === null || run.seen.age() > freshForMs) return null;
  }
  if (run.reservedFor() > freshForMs) return null;
  context.signal.throwIfAborted();
  run.isCalling = true;
  const applied = await apply(api, run.name, run.step);
  run.isCalling = false;
  switch (applied.kind) {
    case "done":
      run.begun = true;
      return await done(run, applied);
    case "refused":
      return await hold(applied.reason, run.row, run);
    case "not-lifted":
      run.step = { do: "update-access" };
      return null;
    case "not-found": {
      // It was renamed, or is gone.
      const found = await find(run.api, target, run.name);
      remember(run, found && { asset: found, by: "admin" });
      return await evaluate(run);
    }
    default:
      return applied satisfies never;
  }
}

function remember(run: Run, seen: Seen | null): void {
  run.seen = seen && { ...seen, age: stopwatch() };
  run.isEvaluated = false;
}

/** Evaluates the state at Cloudinary; null to continue with the call. */
async function evaluate(run: Run): Promise<Settlement | Replan | null> {
  const { context, target, row, status, kind, effect, seen } = run;
  run.isEvaluated = true;
  if (seen === null) {
    if (effect.do === "delete") return await done(run, { method: "already", ...target });
    return await hold("gone", row, run);
  }
  const { asset } = seen;
  if (asset.version !== target.version) return await hold("replaced", row, run);
  if (context.settings.moderation.confirm.includes(effect.do)) {
    const confirmation = confirmationOf(seen, { row, kind, status }, context.settings.moderation.several);
    switch (confirmation) {
      case "confirmed":
        break;
      case "not-confirmed":
        return await hold("not-confirmed", row, run, bothStatuses(seen, target, { row, kind }));
      case "kinds-disagree":
        return await hold("kinds-disagree", row, run);
      case "overtaken":
      case "undecided":
        await giveBack(run);
        return { kind: "skip", reason: confirmation, result: bothStatuses(seen, target, { row, kind }) };
      default:
        return confirmation satisfies never;
    }
  }
  run.name = assetNameOf(asset);
  if (isDone(asset, target, effect))
    return await done(run, { method: "already", publicId: asset.public_id, type: asset.type });
  if (!context.settings.moderation.confirm.includes(effect.do)) return null;
  const facts = factsOfFound(asset, run.facts);
  if (isPlanned(run, asset, facts)) return null;
  if (run.isReplanned)
    return await hold("not-confirmed", row, run, bothStatuses(seen, target, { row, kind }));
  await giveBack(run);
  return { kind: "replan", seen, facts };
}

/**
 * Whether the rules give the same action for the asset as Cloudinary describes it. The notification chose the rule by its own words
 * (kind, resource type, delivery type, tags), and a forged one could choose a rule that deletes.
 */
function isPlanned(
  { context, target, known, status, kind, effect }: Run,
  asset: FoundAsset,
  facts: AssetFacts,
): boolean {
  const traits = traitsOf({ ...target, ...assetNameOf(asset) }, known, facts, kind);
  const chosen = actionFor(status, traits, context.settings.moderation);
  const plan = planOf({ status, chosen, type: asset.type, facts, released: known.released });
  return plan.do === "effect" && isDeepStrictEqual(plan.effect, effect);
}

async function done(
  run: Run,
  { method, publicId, type }: { method: string; publicId: string; type: string },
): Promise<Settlement> {
  const { context, target, row, effect, seen } = run;
  const confirmedBy = context.settings.moderation.confirm.includes(effect.do) ? (seen?.by ?? null) : null;
  await carriedOut(context.db, target, row, {
    action: effect.do,
    method,
    deliveryId: context.deliveryId,
    begun: run.begun,
    confirmedBy,
  });
  const was = { publicId: target.publicId, type: target.type };
  const result = { action: effect.do, method, publicId, type, version: target.version, was, confirmedBy };
  return { kind: "done", result };
}

/** A call with an unknown outcome counts toward the deletion cap; a rejected call does not. */
async function failed(run: Run, error: unknown): Promise<Settlement> {
  if (!(error instanceof CloudinaryError)) throw error;
  if (!run.isCalling || !error.isUnknownOutcome) await giveBack(run);
  return settlementOf(error);
}

/** Releases the reservation: the decision was not carried out. */
async function giveBack({ context, target, row }: Run): Promise<void> {
  await mark(context, target, row, "none");
}

/** Another delivery holds the reservation: retry after at most three seconds instead of waiting for it to expire. */
export function soon(until: Date): Date {
  return new Date(Math.min(until.getTime(), Date.now() + 3_000));
}
