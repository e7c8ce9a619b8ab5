import { setTimeout as sleep } from "node:timers/promises";
import { showProgress } from "./progress.ts";
import type { Receiver } from "./receiver.ts";
import { answered, recordsOf } from "./records.ts";

/** Longer than a worker may hold a delivery. */
const patienceMs = 90_000;
const pauseMs = 2_000;

export type ErasureTarget = { notification: string } | { asset: string };
export type ErasureRequest = ErasureTarget & { reason: string };

/** Erases batch by batch, and waits for deliveries that are running. `finished` is false if records are left after that. */
export async function erase(receiver: Receiver, json: ErasureRequest) {
  const { erasures } = recordsOf(receiver);
  let progress = await answered(receiver, erasures.$post({ json }));
  let until = Date.now() + patienceMs;
  using status = showProgress();
  while (!progress.finished && Date.now() < until) {
    if (progress.erased > 0) until = Date.now() + patienceMs;
    else await sleep(pauseMs);
    status.show(`Erasing: ${progress.left} notifications left`);
    progress = await answered(receiver, erasures[":id"].continue.$post({ param: { id: progress.id } }));
  }
  return progress;
}
