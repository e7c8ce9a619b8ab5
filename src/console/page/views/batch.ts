import { answer, api } from "../api.ts";

/** What an operator begins on stuck deliveries: one of them, or all that fit a filter. */
export interface Batch {
  act: "replay" | "discard";
  state: "dead" | "held";
  /** What they are called by. */
  handler: string;
  cause: string | null;
  /** How many there were when it was begun. */
  count: number;
  deliveryId?: string;
  filter: { handler?: string; type?: string; cause?: string };
  /** The database's time when they were shown: what gets stuck meanwhile is left alone. */
  endedBefore: string;
}

/** So many at a call: between two of them an operator can stop. */
const batchSize = 50;

/** Does the next few. `left`: how many remain. */
export async function step(batch: Batch, reason: string): Promise<{ done: number; left: number }> {
  const { act, state, deliveryId, filter, endedBefore } = batch;
  if (deliveryId !== undefined) {
    const one = api.deliveries[":id"];
    const request = { param: { id: deliveryId }, json: { reason } };
    if (act === "replay") await answer(one.replay.$post(request));
    else await answer(one.discard.$post(request));
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
