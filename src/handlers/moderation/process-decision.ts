import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { belongsToAccount } from "../../lib/cloudinary/belongs-to-account.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { Settlement } from "../../lib/deliveries/handler.ts";
import { stopwatch } from "../../lib/shared/stopwatch.ts";
import { type Acting, act, told } from "./act-on-decision.ts";
import { ask, type Seen } from "./ask-cloudinary.ts";
import { type AssetFacts, factsOfFound, recordedFacts, rowsOfFound, traitsOf } from "./asset-facts.ts";
import {
  type FinalStatus,
  isFinal,
  kindBehind,
  type LedgerRow,
  sameSense,
  verdictOf,
} from "./combine-decisions.ts";
import { hold } from "./hold.ts";
import { isSame, type Judged, type Known, note } from "./ledger.ts";
import { actionFor } from "./rules.ts";

/** What is being worked on, from the first look to the call. */
export interface Deciding extends Acting {
  judged: Judged;
  known: Known;
}

/** Notes the decisions, works out what all of them amount to, and carries that out if nobody has. */
export async function decideAndAct(judged: Judged, acting: Acting): Promise<Settlement> {
  const { context } = acting;
  const known = await note(context.db, judged, context.deliveryId);
  const deciding = { ...acting, judged, known };
  const recorded = recordedFacts(known, context.settings);
  // What was recorded counts before its own delivery has noted it.
  const rows = [...known.rows, ...recorded.rows];
  const verdict = verdictOf(rows, context.settings.moderation.several);
  if (verdict.kind === "open")
    return isTakenBack(deciding)
      ? { kind: "skip", reason: "taken-back" }
      : await undecided(deciding, recorded.facts);

  const row = ownRow(known.rows, judged, verdict.row);
  if (!row) return { kind: "skip", reason: isTakenBack(deciding) ? "taken-back" : "overtaken" };
  if (verdict.kind === "split") return await hold("kinds-disagree", row, deciding);
  const same = sameSense(rows, verdict);
  if (same.some(({ carriedOutAt }) => carriedOutAt !== null)) return { kind: "skip", reason: "carried-out" };
  if (same.some((other) => other.action === "hold" && other.deliveryId !== context.deliveryId))
    return { kind: "skip", reason: "held" };
  try {
    const kind = kindBehind(row, rows);
    return await carryOutVerdict(deciding, { status: verdict.status, row, kind, recorded: recorded.facts });
  } catch (error) {
    return settlementOf(error);
  }
}

/** Whether all that this notification says was taken back by a moderator. */
function isTakenBack({ judged, known }: Deciding): boolean {
  const said = judged.decisions.filter(({ status }) => isFinal(status));
  return said.length > 0 && said.every((decision) => known.takenBack.some((row) => isSame(row, decision)));
}

/**
 * The row that stands for the verdict: the one that tipped it, or this notification's own of the same sense when that one has not been
 * noted yet. None: this notification says something else, and the one that says it has its own delivery.
 */
function ownRow(noted: readonly LedgerRow[], judged: Judged, tipping: LedgerRow): LedgerRow | undefined {
  const own = judged.decisions.filter(({ status }) => status === tipping.status);
  if (own.length === 0 || noted.includes(tipping)) return own.length === 0 ? undefined : tipping;
  return noted.find((row) =>
    own.some(
      ({ kind, status, decidedAt }) =>
        row.kind === kind && row.status === status && row.decidedAt === decidedAt,
    ),
  );
}

async function carryOutVerdict(
  deciding: Deciding,
  about: { status: FinalStatus; row: LedgerRow; kind: string; recorded: AssetFacts | null },
): Promise<Settlement> {
  const { status, row } = about;
  const { api, context, judged, known } = deciding;
  const policy = context.settings.moderation;
  if (known.deleted && !known.released)
    return status === "rejected"
      ? { kind: "skip", reason: "gone" }
      : await hold("already-deleted", row, deciding);
  if (known.newest > judged.version) return await hold("replaced", row, deciding);
  if (api === null) return await hold("no-account", row, deciding);
  if (!belongsToAccount(judged, { cloudName: api.cloudName, hosts: policy.ownHosts }))
    return await hold("other-cloud", row, deciding);

  const within = api.within(context.signal);
  const looked = about.recorded
    ? { facts: about.recorded, seen: null }
    : await lookUp(within, { deciding, status, row });
  if ("kind" in looked) return looked;
  const chosen = actionFor(status, traitsOf(judged, known, looked.facts, about.kind), policy);
  return await act({ ...deciding, ...looked, api: within, row, status, kind: about.kind, chosen });
}

/** One look at Cloudinary, where our own record of the upload is silent. A settlement when it shows that there is nothing to do. */
async function lookUp(
  api: CloudinaryApi,
  about: { deciding: Deciding; status: FinalStatus; row: LedgerRow },
): Promise<{ facts: AssetFacts; seen: Seen & { age: () => number } } | Settlement> {
  const { deciding, status, row } = about;
  const { judged, known, context } = deciding;
  const seen = await ask(api, judged, judged);
  if (seen === null)
    return status === "rejected" ? { kind: "skip", reason: "gone" } : await hold("gone", row, deciding);
  const age = stopwatch();
  const found = seen.asset;
  if (found.version !== judged.version) return await hold("replaced", row, deciding);
  const facts = factsOfFound(found);
  const now = verdictOf([...known.rows, ...rowsOfFound(found)], context.settings.moderation.several);
  if (now.kind === "split") return await hold("kinds-disagree", row, deciding);
  if (now.kind === "open") return { kind: "skip", reason: "undecided" };
  return now.status === status ? { facts, seen: { ...seen, age } } : { kind: "skip", reason: "overtaken" };
}

/** Rules may ask for a person, or for word, before anything is decided. */
async function undecided(deciding: Deciding, recorded: AssetFacts | null): Promise<Settlement> {
  const { judged, known, context } = deciding;
  const said = judged.decisions.find(({ status }) => !isFinal(status));
  if (!said) return { kind: "skip", reason: "undecided" };
  const traits = traitsOf(judged, known, recorded, said.kind);
  const chosen = actionFor(said.status, traits, context.settings.moderation);
  if (chosen.do === "notify") return told(deciding);
  if (chosen.do === "hold" && !known.released) return { kind: "hold", reason: "awaits-person" };
  return { kind: "skip", reason: "undecided" };
}
