import { setTimeout as sleep } from "node:timers/promises";
import { type Delivery, type FullRecord, fullRecordSchema } from "../console/shared/record.ts";
import type { Receiver } from "./receiver.ts";
import { answered, recordsOf } from "./records.ts";

export interface Watched {
  record: FullRecord;
  /** `well`: every delivery is done or skipped. `open`: some are not settled yet. */
  ended: "well" | "badly" | "open";
}

const pauseMs = 400;
const soonMs = 2_000;

/** Reads the record until its deliveries are settled or wait for a later try, for `patienceMs` at most. */
export async function watchRecord(receiver: Receiver, id: string, patienceMs: number): Promise<Watched> {
  const until = Date.now() + patienceMs;
  for (;;) {
    const record = await readRecord(receiver, id);
    const ended = endOf(record.deliveries);
    if (ended !== "open" || Date.now() > until || record.deliveries.every(isAtRest)) return { record, ended };
    await sleep(pauseMs);
  }
}

function endOf(deliveries: readonly Delivery[]): Watched["ended"] {
  if (deliveries.some(isOpen)) return "open";
  return deliveries.every(({ state }) => state === "done" || state === "skipped") ? "well" : "badly";
}

const isOpen = ({ state }: Delivery): boolean => state === "due" || state === "running";

/** What was tried and is due again later is the sweep's, which comes every five minutes. */
const isAtRest = (delivery: Delivery): boolean =>
  !isOpen(delivery) ||
  (delivery.state === "due" &&
    delivery.attempts.length > 0 &&
    Date.parse(delivery.dueAt) > Date.now() + soonMs);

/** Throws `UserError` when it cannot be read. */
export async function readRecord(receiver: Receiver, id: string): Promise<FullRecord> {
  const { notifications } = recordsOf(receiver);
  return fullRecordSchema.parse(await answered(receiver, notifications[":id"].$get({ param: { id } })));
}
