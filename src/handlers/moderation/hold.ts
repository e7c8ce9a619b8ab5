import type { HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type DecisionTarget, mark } from "./ledger.ts";

/** Leaves it to a person; the ledger knows, so that the same decision is not held again by another notification. */
export async function hold(
  reason: string,
  row: LedgerRow,
  { context, target }: { context: HandlerContext; target: DecisionTarget },
  result?: Json,
): Promise<Settlement> {
  await mark(context, target, row, "hold");
  return { kind: "hold", reason, ...(result !== undefined && { result }) };
}
