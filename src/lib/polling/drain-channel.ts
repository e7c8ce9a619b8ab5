import type { CloudinaryAccount, Config } from "../../config.types.ts";
import type { Settings } from "../../settings.types.ts";
import {
  acknowledgeMessages,
  maxMessages,
  type PolledMessage,
  receiveMessages,
} from "../cloudinary/messages.ts";
import type { Db } from "../database/pool.ts";
import { noteOutcome } from "../receive/note-outcome.ts";
import { receive } from "../receive/receive.ts";
import { errorText, log } from "../shared/log.ts";
import { stopwatch } from "../shared/stopwatch.ts";

export interface DrainOptions {
  account: CloudinaryAccount;
  channel: string;
  config: Config;
  settings: Settings;
  db: Db;
  budgetMs: number;
}

export interface Drained {
  /** Stored by this run or an earlier one. */
  recorded: number;
  /** Never acknowledged, so that Cloudinary delivers them again until it drops them: they can still be verified if the secret is corrected in time. */
  rejected: number;
}

/** Less than the time between two sweeps, so that the next sweep gets what this one could not store. */
const visibilitySeconds = 240;
/** The number of database connections of a worker. */
const concurrency = 4;
/** The time reserved for acknowledging. */
const reserveMs = 2_000;

/**
 * Fetches the messages in the channel and records them like webhooks: with the same verification, record and planned deliveries.
 * Acknowledges only stored messages. Never throws: the next sweep retries after a failure.
 */
export async function drainChannel(options: DrainOptions): Promise<Drained> {
  const { account, channel, budgetMs } = options;
  const elapsedMs = stopwatch();
  const timeLeftMs = () => Math.floor(budgetMs - elapsedMs());
  const drained: Drained = { recorded: 0, rejected: 0 };
  try {
    while (timeLeftMs() > reserveMs) {
      const messages = await receiveMessages(
        account,
        { channel, max: maxMessages, waitSeconds: 0, visibilitySeconds },
        { timeoutMs: Math.max(1, timeLeftMs() - reserveMs) },
      );
      if (messages.length === 0) break;
      const batch = await recordBatch(messages, options, () => timeLeftMs() > reserveMs);
      drained.recorded += batch.stored.length;
      drained.rejected += batch.rejected;
      if (batch.stored.length > 0)
        await acknowledgeMessages(account, batch.stored, { timeoutMs: Math.max(1, timeLeftMs()) });
      if (batch.isUnavailable) break;
    }
  } catch (error) {
    log("error", "polling: the channel was not emptied; the next sweep continues", {
      error: errorText(error),
    });
  }
  if (drained.recorded + drained.rejected > 0) log("info", "polled", { channel, ...drained });
  return drained;
}

interface Batch {
  /** Receipt handles. */
  stored: string[];
  rejected: number;
  /** The database does not respond; the remaining messages were not tried. */
  isUnavailable: boolean;
}

async function recordBatch(
  messages: readonly PolledMessage[],
  options: DrainOptions,
  hasTime: () => boolean,
): Promise<Batch> {
  const batch: Batch = { stored: [], rejected: 0, isUnavailable: false };
  const waiting = [...messages];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (batch.isUnavailable || !hasTime()) return;
      await recordMessage(next, options, batch);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return batch;
}

async function recordMessage(
  { receiptHandle, body, signature, timestamp }: PolledMessage,
  { channel, config, settings, db }: DrainOptions,
  batch: Batch,
): Promise<void> {
  const path = `/poll/${channel}`;
  const request = new Request(new URL(path, "https://localhost"), {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-cld-signature": signature,
      "x-cld-timestamp": timestamp,
    },
    body,
  });
  const { maxAgeSeconds } = settings.receive.polling;
  const outcome = await receive(request, {
    config,
    settings: { ...settings, receive: { ...settings.receive, maxAgeSeconds } },
    db,
    expects: [],
    source: "poll",
  });
  await noteOutcome(request, outcome, db, config);
  switch (outcome.kind) {
    case "recorded":
      batch.stored.push(receiptHandle);
      return;
    case "refused":
      batch.rejected += 1;
      return;
    case "unavailable":
    case "not-configured":
      batch.isUnavailable = true;
      return;
    default:
      outcome satisfies never;
  }
}
