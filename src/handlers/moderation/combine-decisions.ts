/** A ledger row: the decision of one kind of moderation on one version, and the action taken. Times are in milliseconds. */
export interface LedgerRow {
  kind: string;
  status: string;
  decidedAt: number;
  action: string;
  deliveryId: string | null;
  carryingUntil: number | null;
  /** When an earlier attempt started a deletion whose outcome is unknown, in the database format. */
  begunAt: string | null;
  carriedOutAt: number | null;
  /** Cloudinary did not confirm it, or contradicts it. */
  unconfirmed: boolean;
  /** Cloudinary confirmed it, and it was carried out. */
  confirmed: boolean;
}

export type FinalStatus = "approved" | "rejected";

export type CombinedDecision =
  /** Undecided, or ended without a decision. */
  | { kind: "open" }
  /** Some kinds rejected and others did not, and the settings require a manual decision. */
  | { kind: "split"; row: LedgerRow }
  /** `row` is the decision that determined the result. */
  | { kind: "final"; status: FinalStatus; row: LedgerRow };

/** The kind of the overall result of several kinds. */
export const summaryKind = "summary";
/** Not a moderation: a background removal, after which the receiver requests one. */
export const backgroundRemovalKind = "cloudinary_ai";

const waiting = new Set(["pending", "queued"]);

/**
 * Combines all decisions on one version, independent of their order: all kinds must approve, one rejection decides, a summary
 * replaces earlier decisions, and for each kind the latest decision counts.
 */
export function combineDecisions(
  rows: readonly LedgerRow[],
  several: "one-rejection-decides" | "hold",
): CombinedDecision {
  const latest = latestByKind(rows);
  const summary = latest.get(summaryKind);
  latest.delete(summaryKind);
  const kinds = [...latest.values()];
  if (summary && isFinal(summary.status)) {
    const later = kinds.filter((row) => isFinal(row.status) && row.decidedAt > summary.decidedAt);
    return combineKinds(later.length > 0 ? later : [summary], several);
  }
  return combineKinds(kinds, several);
}

function combineKinds(
  rows: readonly LedgerRow[],
  several: "one-rejection-decides" | "hold",
): CombinedDecision {
  const approved = newest(rows.filter(({ status }) => status === "approved"));
  const rejected = newest(rows.filter(({ status }) => status === "rejected"));
  if (rejected && several === "hold" && rows.some(({ status }) => status !== "rejected"))
    return { kind: "split", row: rejected };
  if (rejected) return { kind: "final", status: "rejected", row: rejected };
  if (approved && rows.every(({ status }) => status === "approved"))
    return { kind: "final", status: "approved", row: approved };
  return { kind: "open" };
}

/** The decisions with the same outcome since the last opposite one: an action for one of them applies to all. */
export function sameOutcome(
  rows: readonly LedgerRow[],
  combined: { status: FinalStatus; row: LedgerRow },
): LedgerRow[] {
  const turned = rows
    .filter((row) => isFinal(row.status) && row.status !== combined.status)
    .filter((row) => row.decidedAt < combined.row.decidedAt)
    .reduce((latest, row) => Math.max(latest, row.decidedAt), Number.NEGATIVE_INFINITY);
  return rows.filter((row) => row.status === combined.status && row.decidedAt > turned);
}

/** The kind whose rule applies to a row; for a summary, the kind with the latest decision of the same status. */
export function kindBehind(row: LedgerRow, rows: readonly LedgerRow[]): string {
  if (row.kind !== summaryKind) return row.kind;
  const behind = rows.filter(({ kind, status }) => kind !== summaryKind && status === row.status);
  return newest(behind)?.kind ?? row.kind;
}

function latestByKind(rows: readonly LedgerRow[]): Map<string, LedgerRow> {
  const latest = new Map<string, LedgerRow>();
  for (const row of rows) {
    const before = latest.get(row.kind);
    if (row.kind !== backgroundRemovalKind && (!before || isLater(row, before))) latest.set(row.kind, row);
  }
  return latest;
}

function newest(rows: readonly LedgerRow[]): LedgerRow | undefined {
  return rows.reduce<LedgerRow | undefined>(
    (best, row) => (!best || isLater(row, best) ? row : best),
    undefined,
  );
}

/** A waiting status never replaces a decision. At the same time the stricter status counts. */
function isLater(row: LedgerRow, than: LedgerRow): boolean {
  if (waiting.has(row.status) !== waiting.has(than.status)) return waiting.has(than.status);
  if (row.decidedAt !== than.decidedAt) return row.decidedAt > than.decidedAt;
  if (row.status !== than.status) return strictness(row.status) > strictness(than.status);
  return row.kind > than.kind;
}

function strictness(status: string): number {
  return status === "rejected" ? 2 : status === "approved" ? 0 : 1;
}

export function isFinal(status: string): status is FinalStatus {
  return status === "approved" || status === "rejected";
}
