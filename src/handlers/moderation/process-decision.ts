import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { Settlement } from "../../lib/deliveries/handler.ts";
import { stopwatch } from "../../lib/shared/stopwatch.ts";
import { type ActionContext, actOnDecision, notifyOnly } from "./act-on-decision.ts";
import { ask, confirmationOf, type Seen } from "./ask-cloudinary.ts";
import { type AssetFacts, factsOfFound, recordedFacts, rowsOfFound, traitsOf } from "./asset-facts.ts";
import {
  type CombinedDecision,
  combineDecisions,
  type FinalStatus,
  isFinal,
  kindBehind,
  type LedgerRow,
  sameOutcome,
  summaryKind,
} from "./combine-decisions.ts";
import { hold } from "./hold.ts";
import { type DecisionTarget, isSame, type Known, markContradicted, recordDecisions } from "./ledger.ts";
import { dependsOnFacts, isAsked, planOf } from "./plan.ts";
import { actionFor } from "./rules.ts";

/** The kind of a person's decision. */
const personKind = "manual";

/** The state that is passed from the first check to the call. */
export interface DecisionContext extends ActionContext {
  target: DecisionTarget;
  known: Known;
}

/** Records the decisions, combines them with all others on the version, and carries out the result unless that has been done. */
export async function processDecision(target: DecisionTarget, action: ActionContext): Promise<Settlement> {
  const { context } = action;
  const known = await recordDecisions(context.db, target, context.deliveryId);
  const current = { ...action, target, known };
  const recorded = recordedFacts(known, context.settings);
  // Recorded notifications count even if their own delivery has not run yet.
  // What Cloudinary did not confirm counts only for the notification that brings it.
  const rows = [...known.rows, ...recorded.rows].filter(
    (row) => !row.unconfirmed || target.decisions.some((decision) => isSame(row, decision)),
  );
  const combined = combineDecisions(rows, context.settings.moderation.several);
  const row = combined.kind === "open" ? undefined : ownRow(known.rows, target, combined.row);
  try {
    if (combined.kind === "final" && row)
      return await carryOutUnlessDone(current, {
        combined: { ...combined, row },
        rows,
        recorded: recorded.facts,
      });
    if (isTakenBack(current)) return { kind: "skip", reason: "taken-back" };
    const arbitrated = await arbitrate(current, combined);
    if (arbitrated) return await carryOutUnlessDone(current, { ...arbitrated, recorded: null });
  } catch (error) {
    return settlementOf(error);
  }
  if (combined.kind === "open") return await undecided(current, recorded.facts);
  return combined.kind === "split" && row
    ? await hold("kinds-disagree", row, current)
    : { kind: "skip", reason: "overtaken" };
}

interface Decided {
  combined: { status: FinalStatus; row: LedgerRow };
  rows: readonly LedgerRow[];
  /** The facts from the recorded upload. */
  recorded: AssetFacts | null;
  /** The state at Cloudinary, if it was read. */
  seen?: Seen & { age: () => number };
}

async function carryOutUnlessDone(current: DecisionContext, decided: Decided): Promise<Settlement> {
  const { combined, rows, recorded, seen } = decided;
  const { row, status } = combined;
  const same = sameOutcome(rows, combined);
  if (same.some(({ carriedOutAt }) => carriedOutAt !== null)) return { kind: "skip", reason: "carried-out" };
  const { deliveryId } = current.context;
  const heldBy = same.flatMap((other) =>
    other.action === "hold" && !other.unconfirmed && other.deliveryId !== deliveryId
      ? (other.deliveryId ?? [])
      : [],
  );
  const about = { status, recorded, ...(seen && { seen }) };
  if (heldBy.length === 0)
    return await carryOutDecision(current, { ...about, row, kind: kindBehind(row, rows) });
  // The notification that holds it may be forged. What a person decided ends the hold, once Cloudinary has confirmed it.
  const person = current.known.rows.find(
    (one) =>
      one.kind === personKind &&
      one.status === status &&
      current.target.decisions.some((decision) => isSame(one, decision)),
  );
  if (!person) return { kind: "skip", reason: "held" };
  return await carryOutDecision({ ...current, heldBy }, { ...about, row: person, kind: personKind });
}

/**
 * What other notifications say stands against this one: they make the decision open, split or the opposite. None of them may be true, so
 * Cloudinary is asked which one is. null when it does not have this decision, when the decisions of this notification alone are open, or
 * when the settings demand no confirmation.
 */
async function arbitrate(
  { api, context, target, known }: DecisionContext,
  against: CombinedDecision,
): Promise<(Omit<Decided, "recorded"> & Required<Pick<Decided, "seen">>) | null> {
  const { several, ownHosts, confirm } = context.settings.moderation;
  const own = known.rows.filter((row) => target.decisions.some((decision) => isSame(row, decision)));
  const combined = combineDecisions(own, several);
  const isKnown = against.kind !== "open" && against.row.confirmed;
  if (api === null || combined.kind !== "final" || isKnown) return null;
  if (!confirm.includes(combined.status === "rejected" ? "delete" : "publish")) return null;
  if (!belongsToAccount(target, { cloudName: api.cloudName, hosts: ownHosts })) return null;
  const found = await ask(api.within(context.signal), target, target);
  if (found === null || found.asset.version !== target.version) return null;
  const kind = kindBehind(combined.row, own);
  if (confirmationOf(found, { ...combined, kind }, several) !== "confirmed") return null;
  const seen = { ...found, age: stopwatch() };
  const said = rowsOfFound(found.asset);
  await markContradicted(context.db, target, [...said, { kind: summaryKind, status: combined.status }]);
  const rows = known.rows.filter(
    (row) => isFinal(row.status) && (row.status === combined.status || row.carriedOutAt !== null),
  );
  return { combined, rows, seen };
}

/** Whether a moderator took back all decisions of this notification. */
function isTakenBack({ target, known }: DecisionContext): boolean {
  const said = target.decisions.filter(({ status }) => isFinal(status));
  return said.length > 0 && said.every((decision) => known.takenBack.some((row) => isSame(row, decision)));
}

/**
 * The ledger row for the combined decision: the one that determined it or, if that is not in the ledger yet, this notification's row with
 * the same status. undefined when this notification has another status: the deciding notification has its own delivery.
 */
function ownRow(
  noted: readonly LedgerRow[],
  target: DecisionTarget,
  tipping: LedgerRow,
): LedgerRow | undefined {
  const own = target.decisions.filter(({ status }) => status === tipping.status);
  if (own.length === 0 || noted.includes(tipping)) return own.length === 0 ? undefined : tipping;
  return noted.find((row) =>
    own.some(
      ({ kind, status, decidedAt }) =>
        row.kind === kind && row.status === status && row.decidedAt === decidedAt,
    ),
  );
}

async function carryOutDecision(
  current: DecisionContext,
  about: {
    status: FinalStatus;
    row: LedgerRow;
    kind: string;
    recorded: AssetFacts | null;
    seen?: Seen & { age: () => number };
  },
): Promise<Settlement> {
  const { status, row } = about;
  const { api, context, target, known } = current;
  const policy = context.settings.moderation;
  if (known.deleted && !known.released) {
    if (status === "rejected") return { kind: "skip", reason: "gone" };
    return await hold(known.newest > target.version ? "replaced" : "already-deleted", row, current);
  }
  if (api === null) return await hold("no-account", row, current);
  if (!belongsToAccount(target, { cloudName: api.cloudName, hosts: policy.ownHosts }))
    return await hold("other-cloud", row, current);

  const within = api.within(context.signal);
  const looked = about.seen
    ? { facts: factsOfFound(about.seen.asset), seen: about.seen }
    : about.recorded
      ? await checkedFacts(within, { current, status, row, kind: about.kind, recorded: about.recorded })
      : await lookUp(within, { current, status, row });
  if ("kind" in looked) return looked;
  const chosen = actionFor(status, traitsOf(target, known, looked.facts, about.kind), policy);
  return await actOnDecision({ ...current, ...looked, api: within, row, status, kind: about.kind, chosen });
}

/**
 * The recorded facts, unless they alone end the decision without a call: an upload can be forged, so those are read from Cloudinary. Before
 * a call they are compared with Cloudinary's anyway.
 */
async function checkedFacts(
  api: CloudinaryApi,
  about: {
    current: DecisionContext;
    status: FinalStatus;
    row: LedgerRow;
    kind: string;
    recorded: AssetFacts;
  },
): Promise<{ facts: AssetFacts; seen: null } | Settlement> {
  const { current, status, row, kind, recorded } = about;
  const { target, known, context } = current;
  const policy = context.settings.moderation;
  const unread = { facts: recorded, seen: null };
  if (policy.dryRun || !policy.confirm.includes(status === "rejected" ? "delete" : "publish")) return unread;
  const chosen = actionFor(status, traitsOf(target, known, recorded, kind), policy);
  const { released } = known;
  const plan = planOf({ status, chosen, type: target.type, facts: recorded, released });
  if (plan.do === "effect" && isAsked(plan.effect, policy)) return unread;
  if (!dependsOnFacts(plan, policy)) return unread;
  const seen = await ask(api, target, target, "access");
  // Where nothing was to be done, an asset that is gone needs nobody's attention.
  if (seen === null)
    return plan.do === "nothing" ? { kind: "skip", reason: "gone" } : await goneFor(status, row, current);
  if (seen.asset.version !== target.version) return await hold("replaced", row, current);
  return { facts: factsOfFound(seen.asset, recorded), seen: null };
}

async function goneFor(status: FinalStatus, row: LedgerRow, current: DecisionContext): Promise<Settlement> {
  return status === "rejected" ? { kind: "skip", reason: "gone" } : await hold("gone", row, current);
}

/** Reads the asset from Cloudinary when its upload was not recorded. Returns a settlement when there is nothing to do. */
async function lookUp(
  api: CloudinaryApi,
  about: { current: DecisionContext; status: FinalStatus; row: LedgerRow },
): Promise<{ facts: AssetFacts; seen: Seen & { age: () => number } } | Settlement> {
  const { current, status, row } = about;
  const { target, known, context } = current;
  const seen = await ask(api, target, target);
  if (seen === null) return await goneFor(status, row, current);
  const age = stopwatch();
  const found = seen.asset;
  if (found.version !== target.version) return await hold("replaced", row, current);
  const facts = factsOfFound(found);
  const counted = known.rows.filter((one) => !one.unconfirmed || one === row);
  const now = combineDecisions([...counted, ...rowsOfFound(found)], context.settings.moderation.several);
  if (now.kind === "split") return await hold("kinds-disagree", row, current);
  if (now.kind === "open") return { kind: "skip", reason: "undecided" };
  return now.status === status ? { facts, seen: { ...seen, age } } : { kind: "skip", reason: "overtaken" };
}

/** Rules can hold an undecided asset or send an e-mail about it. */
async function undecided(current: DecisionContext, recorded: AssetFacts | null): Promise<Settlement> {
  const { target, known, context } = current;
  const said = target.decisions.find(({ status }) => !isFinal(status));
  if (!said) return { kind: "skip", reason: "undecided" };
  const traits = traitsOf(target, known, recorded, said.kind);
  const chosen = actionFor(said.status, traits, context.settings.moderation);
  if (chosen.do === "notify") return notifyOnly(current);
  if (chosen.do === "hold" && !known.released) return { kind: "hold", reason: "awaits-person" };
  return { kind: "skip", reason: "undecided" };
}
