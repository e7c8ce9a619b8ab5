import type { InferResponseType } from "hono/client";
import { answer, api } from "../../api.ts";
import type { CloudCount } from "../../parts/cloud.tsx";

export type State = "dead" | "held";
export type StuckDelivery = InferResponseType<typeof api.stuck.$get, 200>["deliveries"][number];
export type Cause = InferResponseType<typeof api.stuck.groups.$get, 200>["groups"][number];
export type Release = StuckDelivery["release"];

/** An action on deliveries that need attention: on chosen ones, or on all that match a filter. */
export interface Batch {
  act: "replay" | "discard";
  state: State;
  /** What they are called by. */
  handler: string;
  cause: string | null;
  /** How many there were at the start. */
  count: number;
  /** The chosen ones; without them, all that match the filter. */
  ids?: readonly string[];
  /** What the release of each of them does, if it is known and the same for all. */
  release?: Release;
  filter: { handler?: string; type?: string; cause?: string; cloud?: string };
  /** How many of each product environment. */
  clouds: readonly CloudCount[];
  /** The database's time when they were shown; later failures are not affected. */
  endedBefore: string;
}

/** The batch size; an operator can stop between two batches. */
const batchSize = 50;

/** The pictures that a replay would delete: of the chosen ones, or of the first 500 that match the filter. */
export async function deletionsOf({ ids, state, filter, endedBefore }: Batch) {
  if (ids !== undefined) {
    const read = (id: string) => answer(api.deliveries[":id"].release.$get({ param: { id } }));
    return (await Promise.all(ids.map(read))).flatMap(({ deletions }) => deletions);
  }
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

/** Processes the next ones. `agreed`: the deliveries whose deletion the operator saw and agreed to; no other deletes a picture. */
export async function step(
  batch: Batch,
  { reason, agreed, done }: { reason: string; agreed: ReadonlySet<string>; done: number },
): Promise<Step> {
  const { act, state, ids, filter, endedBefore } = batch;
  if (ids !== undefined) {
    const id = ids[done];
    if (id === undefined) return { done: 0, left: 0, withheld: 0 };
    const delivery = api.deliveries[":id"];
    const deletes = agreed.has(id) ? 1 : 0;
    if (act === "replay") await answer(delivery.replay.$post({ param: { id }, json: { reason, deletes } }));
    else await answer(delivery.discard.$post({ param: { id }, json: { reason } }));
    return { done: 1, left: ids.length - done - 1, withheld: 0 };
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
