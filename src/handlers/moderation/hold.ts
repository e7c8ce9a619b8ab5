import type { HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type DecisionTarget, mark } from "./ledger.ts";

/** Reasons that rest on the words of this notification alone: another one of the same decision can be true. */
const claimsOfTheBody = new Set(["not-confirmed", "other-cloud", "restricted-by-delivery-type"]);

/** Holds the delivery and records that in the ledger, so that another notification of the same decision is not held again. */
export async function hold(
  reason: string,
  row: LedgerRow,
  { context, target }: { context: HandlerContext; target: DecisionTarget },
  result?: Json,
): Promise<Settlement> {
  await mark(context, target, row, "hold", claimsOfTheBody.has(reason));
  return { kind: "hold", reason, ...(result !== undefined && { result }) };
}
