import type { HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import type { LedgerRow } from "./combine-decisions.ts";
import { type Judged, mark } from "./ledger.ts";

/** Leaves it to a person; the ledger knows, so that the same decision is not held again by another notification. */
export async function hold(
  reason: string,
  row: LedgerRow,
  { context, judged }: { context: HandlerContext; judged: Judged },
  result?: Json,
): Promise<Settlement> {
  await mark(context, judged, row, "hold");
  return { kind: "hold", reason, ...(result !== undefined && { result }) };
}
