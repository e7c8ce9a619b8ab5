/** A row of the ledger: what one kind of moderation said of one version, and what became of it. Instants in milliseconds. */
export interface LedgerRow {
  kind: string;
  status: string;
  decidedAt: number;
  action: string;
  deliveryId: string | null;
  carryingUntil: number | null;
  /** When an earlier attempt began to delete, which may have happened; as the database writes it. */
  begunAt: string | null;
  carriedOutAt: number | null;
}

export type FinalStatus = "approved" | "rejected";

export type CombinedDecision =
  /** Not decided yet, or ended without a decision. */
  | { kind: "open" }
  /** One of several kinds rejects and not all do, and settings leave that to a person. */
  | { kind: "split"; row: LedgerRow }
  /** `row` is the decision that tipped it. */
  | { kind: "final"; status: FinalStatus; row: LedgerRow };

/** The kind under which the outcome of several kinds together is noted. */
export const summaryKind = "summary";
/** Not a moderation: the removed background after which we ask for one. */
export const backgroundRemovalKind = "cloudinary_ai";

const waiting = new Set(["pending", "queued"]);

/**
 * What all decisions on one version amount to, whatever order they came in: all kinds must approve, one rejection
 * decides, a summary settles what was said before it, and of what one kind said the latest counts.
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

/** The decisions of the same sense with no opposite one between: what was done for one of them was done for all. */
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

/** The kind whose rule counts for a row: of a summary the one that said it last. */
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

/** Having to wait never takes back what was said. At the same instant the stricter word counts. */
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
