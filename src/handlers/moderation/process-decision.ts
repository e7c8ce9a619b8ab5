import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { Settlement } from "../../lib/deliveries/handler.ts";
import { stopwatch } from "../../lib/shared/stopwatch.ts";
import { type ActionContext, actOnDecision, notifyOnly } from "./act-on-decision.ts";
import { ask, type Seen } from "./ask-cloudinary.ts";
import { type AssetFacts, factsOfFound, recordedFacts, rowsOfFound, traitsOf } from "./asset-facts.ts";
import {
  combineDecisions,
  type FinalStatus,
  isFinal,
  kindBehind,
  type LedgerRow,
  sameOutcome,
} from "./combine-decisions.ts";
import { hold } from "./hold.ts";
import { type DecisionTarget, isSame, type Known, recordDecisions } from "./ledger.ts";
import { actionFor } from "./rules.ts";

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
  const rows = [...known.rows, ...recorded.rows];
  const combined = combineDecisions(rows, context.settings.moderation.several);
  if (combined.kind === "open")
    return isTakenBack(current)
      ? { kind: "skip", reason: "taken-back" }
      : await undecided(current, recorded.facts);

  const row = ownRow(known.rows, target, combined.row);
  if (!row) return { kind: "skip", reason: isTakenBack(current) ? "taken-back" : "overtaken" };
  if (combined.kind === "split") return await hold("kinds-disagree", row, current);
  const same = sameOutcome(rows, combined);
  if (same.some(({ carriedOutAt }) => carriedOutAt !== null)) return { kind: "skip", reason: "carried-out" };
  if (same.some((other) => other.action === "hold" && other.deliveryId !== context.deliveryId))
    return { kind: "skip", reason: "held" };
  try {
    const kind = kindBehind(row, rows);
    return await carryOutDecision(current, { status: combined.status, row, kind, recorded: recorded.facts });
  } catch (error) {
    return settlementOf(error);
  }
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
  about: { status: FinalStatus; row: LedgerRow; kind: string; recorded: AssetFacts | null },
): Promise<Settlement> {
  const { status, row } = about;
  const { api, context, target, known } = current;
  const policy = context.settings.moderation;
  if (known.deleted && !known.released)
    return status === "rejected"
      ? { kind: "skip", reason: "gone" }
      : await hold("already-deleted", row, current);
  if (known.newest > target.version) return await hold("replaced", row, current);
  if (api === null) return await hold("no-account", row, current);
  if (!belongsToAccount(target, { cloudName: api.cloudName, hosts: policy.ownHosts }))
    return await hold("other-cloud", row, current);

  const within = api.within(context.signal);
  const looked = about.recorded
    ? { facts: about.recorded, seen: null }
    : await lookUp(within, { current, status, row });
  if ("kind" in looked) return looked;
  const chosen = actionFor(status, traitsOf(target, known, looked.facts, about.kind), policy);
  return await actOnDecision({ ...current, ...looked, api: within, row, status, kind: about.kind, chosen });
}

/** Reads the asset from Cloudinary when its upload was not recorded. Returns a settlement when there is nothing to do. */
async function lookUp(
  api: CloudinaryApi,
  about: { current: DecisionContext; status: FinalStatus; row: LedgerRow },
): Promise<{ facts: AssetFacts; seen: Seen & { age: () => number } } | Settlement> {
  const { current, status, row } = about;
  const { target, known, context } = current;
  const seen = await ask(api, target, target);
  if (seen === null)
    return status === "rejected" ? { kind: "skip", reason: "gone" } : await hold("gone", row, current);
  const age = stopwatch();
  const found = seen.asset;
  if (found.version !== target.version) return await hold("replaced", row, current);
  const facts = factsOfFound(found);
  const now = combineDecisions([...known.rows, ...rowsOfFound(found)], context.settings.moderation.several);
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
