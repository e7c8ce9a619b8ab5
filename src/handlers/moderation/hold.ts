import type { HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type DecisionTarget, mark } from "./ledger.ts";

/** Holds the delivery and records that in the ledger, so that another notification of the same decision is not held again. */
export async function hold(
  reason: string,
  row: LedgerRow,
  { context, target }: { context: HandlerContext; target: DecisionTarget },
  result?: Json,
): Promise<Settlement> {
  await mark(context, target, row, "hold");
  return { kind: "hold", reason, ...(result !== undefined && { result }) };
}
