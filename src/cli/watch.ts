import { setTimeout as sleep } from "node:timers/promises";
import { type Delivery, type FullRecord, fullRecordSchema } from "../console/shared/record.ts";
import { showProgress } from "./progress.ts";
import type { Receiver } from "./receiver.ts";
import { answered, recordsOf } from "./records.ts";

export interface Watched {
  record: FullRecord;
  /** `well`: all deliveries are done or skipped. `open`: some are not finished. */
  ended: "well" | "badly" | "open";
}

/** Longer than a cold start, the nudge and a few calls to SendGrid. */
export const patienceMs = 30_000;
const pauseMs = 400;
const soonMs = 2_000;

/** Reads the record until its deliveries are finished or scheduled for a retry, for `patienceMs` at most. */
export async function watchRecord(receiver: Receiver, id: string, patienceMs: number): Promise<Watched> {
  const until = Date.now() + patienceMs;
  using progress = showProgress();
  for (;;) {
    const record = await readRecord(receiver, id);
    const ended = endOf(record.deliveries);
    if (ended !== "open" || Date.now() > until || record.deliveries.every(isAtRest)) return { record, ended };
    progress.show(
      `Waiting for ${record.deliveries
        .filter(isOpen)
        .map(({ handler }) => handler)
        .join(", ")}`,
    );
    await sleep(pauseMs);
  }
}

function endOf(deliveries: readonly Delivery[]): Watched["ended"] {
  if (deliveries.some(isOpen)) return "open";
  return deliveries.every(({ state }) => state === "done" || state === "skipped") ? "well" : "badly";
}

const isOpen = ({ state }: Delivery): boolean => state === "due" || state === "running";

/** A later retry is left to the sweep, which runs every five minutes. */
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
