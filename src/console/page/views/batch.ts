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

/** The pictures that a replay would delete: of one delivery, or of the first 500 that match the filter. */
export async function deletionsOf({ deliveryId, state, filter, endedBefore }: Batch) {
  if (deliveryId !== undefined)
    return (await answer(api.deliveries[":id"].release.$get({ param: { id: deliveryId } }))).deletions;
  const query = { state, ...filter, endedBefore, limit: "500" };
  return (await answer(api.stuck.deletions.$get({ query }))).deletions;
}

export interface Step {
  done: number;
  /** How many remain. */
  left: number;
  /** How many were left out because they would delete a picture. */
  withheld: number;
}

/** Processes the next batch. `agreed`: the deliveries whose deletion the operator saw and agreed to; no other deletes a picture. */
export async function step(batch: Batch, reason: string, agreed: ReadonlySet<string>): Promise<Step> {
  const { act, state, deliveryId, filter, endedBefore } = batch;
  if (deliveryId !== undefined) {
    const delivery = api.deliveries[":id"];
    const param = { id: deliveryId };
    if (act === "replay")
      await answer(delivery.replay.$post({ param, json: { reason, deletes: agreed.size } }));
    else await answer(delivery.discard.$post({ param, json: { reason } }));
    return { done: 1, left: 0, withheld: 0 };
  }
  const json = { state, ...filter, endedBefore, reason, limit: batchSize };
  if (act === "discard") {
    const { discarded, left } = await answer(api.stuck.discard.$post({ json }));
    return { done: discarded, left, withheld: 0 };
  }
  const named = agreed.size === 0 ? null : await nextDeletions(batch);
  const isAgreed = named?.every(({ id }) => agreed.has(id)) ?? false;
  const deletes = isAgreed ? { deletes: named?.length ?? 0 } : {};
  const {
    replayed,
    left,
    withheld = 0,
  } = await answer(api.stuck.replay.$post({ json: { ...json, ...deletes } }));
  return { done: replayed, left, withheld };
}

async function nextDeletions({ state, filter, endedBefore }: Batch) {
  const query = { state, ...filter, endedBefore, limit: String(batchSize) };
  return (await answer(api.stuck.deletions.$get({ query }))).deletions;
}
