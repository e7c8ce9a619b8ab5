import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CloudinaryAccount } from "../../config.types.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import {
  acknowledgeMessages,
  maxMessages,
  type PolledMessage,
  receiveMessages,
} from "../../lib/cloudinary/messages.ts";
import { envelope } from "../../lib/receive/envelope.ts";
import { explain } from "../account.ts";
import { UserError } from "../user-error.ts";
import type { ListenEvent } from "./events.ts";
import { handOver } from "./hand-over.ts";
import { dropTrigger, ensureTrigger } from "./trigger.ts";

export interface ListenOptions {
  account: CloudinaryAccount;
  /** Of the receiver, without a slash at the end. */
  url: string;
  channel: string;
  tell: (event: ListenEvent) => void;
  /** Ends it; the trigger is removed then. */
  signal: AbortSignal;
  timing?: Partial<Timing>;
}

interface Timing {
  /** What is not acknowledged by then comes again. */
  visibilitySeconds: number;
  waitSeconds: number;
  /** How often it is checked that the trigger is still there. */
  checkEveryMs: number;
  /** How long a rejected message is left alone. */
  rejectedMs: number;
  /** Between calls that brought nothing but messages that are left alone. */
  idleMs: number;
  /** Between tries, growing; the last one repeats. */
  pausesMs: readonly number[];
}

const usual: Timing = {
  visibilitySeconds: 60,
  waitSeconds: 20,
  checkEveryMs: 5 * 60_000,
  rejectedMs: 10 * 60_000,
  idleMs: 5_000,
  pausesMs: [1_000, 2_000, 5_000, 10_000, 30_000],
};

/** The longest wait that is believed. */
const maxWaitMs = 60 * 60_000;
/** The number of rejected messages that are remembered. */
const maxRemembered = 1_000;

/**
 * Polls a channel and hands each message to the receiver, until the signal aborts. Acknowledges what the receiver has recorded and
 * nothing else. Waits during lost connections, rate limits and an unavailable receiver. Throws `UserError` if Cloudinary rejects permanently.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const listener = new Listener(options);
  const failure = await listener.run().then(
    () => null,
    (error: unknown) => error,
  );
  const isStopped = options.signal.aborted;
  if (isStopped || listener.isListening) options.tell(await leave(options, listener.rejected));
  if (failure !== null && !isStopped) throw failure;
}

function refusedForGood(error: CloudinaryError): UserError {
  const hint = error.code === 400 ? " Perhaps this account does not have polling." : "";
  return new UserError(`${explain(error)}${hint}`, 1, { cause: error });
}

async function leave({ account, channel }: ListenOptions, rejected: number): Promise<ListenEvent> {
  try {
    await dropTrigger(account, channel);
    return { event: "stopped", removed: true, rejected, problem: null };
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    return { event: "stopped", removed: false, rejected, problem: explain(error) };
  }
}

class Listener {
  readonly #options: ListenOptions;
  readonly #timing: Timing;
  /** By the SHA-256 of the body: when it is tried again. */
  readonly #rejectedUntil = new Map<string, number>();
  #isReceiverAway = false;
  #isListening = false;

  constructor(options: ListenOptions) {
    this.#options = options;
    this.#timing = { ...usual, ...options.timing };
  }

  /** Cloudinary took the account and the trigger. */
  get isListening(): boolean {
    return this.#isListening;
  }

  get rejected(): number {
    return this.#rejectedUntil.size;
  }

  async run(): Promise<void> {
    const { account, channel, url, tell, signal } = this.#options;
    let tries = 0;
    const { found } = await this.#patiently(() => {
      tries += 1;
      return ensureTrigger(account, channel, signal);
    });
    this.#isListening = true;
    // After several tries it may be our own, whose answer was lost.
    tell({ event: "listening", channel, url, found: found && tries === 1 });
    let checkAt = Date.now() + this.#timing.checkEveryMs;
    while (!signal.aborted) {
      if (Date.now() >= checkAt) {
        const checked = await this.#patiently(() => ensureTrigger(account, channel, signal));
        if (!checked.found) tell({ event: "created-again" });
        checkAt = Date.now() + this.#timing.checkEveryMs;
      }
      const { visibilitySeconds, waitSeconds, idleMs } = this.#timing;
      const terms = { channel, max: maxMessages, waitSeconds, visibilitySeconds };
      const messages = await this.#patiently(() => receiveMessages(account, terms, { signal }));
      const tried = await this.#handOverAll(messages);
      if (messages.length > 0 && tried === 0) await sleep(idleMs, undefined, { signal });
    }
  }

  /** In their order. Returns how many were tried. */
  async #handOverAll(messages: readonly PolledMessage[]): Promise<number> {
    // Enough for one slow answer and the acknowledgement.
    const until = Date.now() + this.#timing.visibilitySeconds * 750;
    const stored: string[] = [];
    let tried = 0;
    for (const message of messages) {
      if (this.#options.signal.aborted || Date.now() >= until) break;
      const key = createHash("sha256").update(message.body).digest("hex");
      if ((this.#rejectedUntil.get(key) ?? 0) > Date.now()) continue;
      tried += 1;
      if (await this.#handOverOne(message, { key, until })) stored.push(message.receiptHandle);
    }
    if (stored.length > 0) await this.#acknowledge(stored);
    return tried;
  }

  /** Whether it is recorded. Retries while the receiver is unavailable and the message is still claimed. */
  async #handOverOne(
    message: PolledMessage,
    { key, until }: { key: string; until: number },
  ): Promise<boolean> {
    const { url, tell, signal } = this.#options;
    const { type, publicId } = envelope(message.body, message.timestamp, new Date());
    for (let tries = 0; ; tries += 1) {
      const outcome = await handOver(message, { url, type });
      if (outcome.kind !== "unavailable" && this.#isReceiverAway) {
        this.#isReceiverAway = false;
        tell({ event: "answering", by: "the receiver" });
      }
      if (outcome.kind === "recorded") {
        this.#rejectedUntil.delete(key);
        const { id, timesSeen } = outcome;
        tell({ event: "recorded", type, publicId, id, timesSeen });
        return true;
      }
      if (outcome.kind === "rejected") {
        this.#rememberRejected(key);
        tell({ event: "rejected", type, publicId, status: outcome.status, reason: outcome.reason });
        return false;
      }
      const pauseMs = this.#pause(tries);
      if (!this.#isReceiverAway) {
        this.#isReceiverAway = true;
        const seconds = Math.ceil(pauseMs / 1_000);
        tell({ event: "waiting", for: "the receiver", reason: `${outcome.reason}.`, seconds });
      }
      if (Date.now() + pauseMs >= until) {
        // It comes again; until then nothing else would get through either.
        await sleep(Math.max(0, until - Date.now()), undefined, { signal }).catch(() => undefined);
        return false;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return false;
    }
  }

  /** Also while stopping: what is recorded should not come again. */
  async #acknowledge(handles: readonly string[]): Promise<void> {
    try {
      await acknowledgeMessages(this.#options.account, handles);
    } catch (error) {
      if (!(error instanceof CloudinaryError)) throw error;
      this.#options.tell({ event: "not-acknowledged", count: handles.length, reason: explain(error) });
    }
  }

  #rememberRejected(key: string): void {
    this.#rejectedUntil.delete(key);
    this.#rejectedUntil.set(key, Date.now() + this.#timing.rejectedMs);
    const [oldest] = this.#rejectedUntil.keys();
    if (this.#rejectedUntil.size > maxRemembered && oldest !== undefined) this.#rejectedUntil.delete(oldest);
  }

  /** Repeats a call until it succeeds, as long as another try can help. */
  async #patiently<T>(call: () => Promise<T>): Promise<T> {
    const { tell, signal } = this.#options;
    for (let tries = 0; ; tries += 1) {
      try {
        const answer = await call();
        if (tries > 0) tell({ event: "answering", by: "Cloudinary" });
        return answer;
      } catch (error) {
        if (!(error instanceof CloudinaryError)) throw error;
        if (!error.isTransient && !error.isRateLimit) throw refusedForGood(error);
        const namedMs = (error.resetAt?.getTime() ?? 0) - Date.now();
        // A timer of more than 24 days would fire at once.
        const waitMs = Math.min(maxWaitMs, Math.max(this.#pause(tries), namedMs));
        const seconds = Math.ceil(waitMs / 1_000);
        tell({ event: "waiting", for: "Cloudinary", reason: `${error.message}.`, seconds });
        await sleep(waitMs, undefined, { signal });
      }
    }
  }

  #pause(tries: number): number {
    const { pausesMs } = this.#timing;
    return pausesMs[Math.min(tries, pausesMs.length - 1)] ?? 1_000;
  }
}
