import { answer, api } from "../api.ts";

/** An action on deliveries that need attention: on one, or on all that match a filter. */
export interface Batch {
  act: "replay" | "discard";
  state: "dead" | "held";
  /** What they are called by. */
  handler: string;
  cause: string | null;
  /** How many there were at the start. */
  count: number;
  deliveryId?: string;
  filter: { handler?: string; type?: string; cause?: string };
  /** The database's time when they were shown; later failures are not affected. */
  endedBefore: string;
}

/** The batch size; an operator can stop between two batches. */
const batchSize = 50;

/** Processes the next batch. `left`: how many remain. */
export async function step(batch: Batch, reason: string): Promise<{ done: number; left: number }> {
  const { act, state, deliveryId, filter, endedBefore } = batch;
  if (deliveryId !== undefined) {
    const delivery = api.deliveries[":id"];
    const request = { param: { id: deliveryId }, json: { reason } };
    if (act === "replay") await answer(delivery.replay.$post(request));
    else await answer(delivery.discard.$post(request));
    return { done: 1, left: 0 };
  }
  const json = { state, ...filter, endedBefore, reason, limit: batchSize };
  if (act === "discard") {
    const { discarded, left } = await answer(api.stuck.discard.$post({ json }));
    return { done: discarded, left };
  }
  const { replayed, left } = await answer(api.stuck.replay.$post({ json }));
  return { done: replayed, left };
}
