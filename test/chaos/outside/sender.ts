import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "../journal.ts";
import type { Seeded } from "../seeded.ts";
import { account } from "./world.ts";

/** A notification of the run, and what became of it. */
export interface Sent {
  /** Unique; a part of the body where the body has a place for it. */
  token: string;
  type: string;
  body: Buffer;
  /** SHA-256 of the body, hex. */
  sha256: string;
  /** The body names the instant of its event, so that the same body is the same event. */
  namesInstant: boolean;
  sentAt: number;
  /** The timestamps that were signed. */
  timestamps: Set<number>;
  /** The signature is wrong: it must not be stored. */
  isForged: boolean;
  /** An answer of 200 was heard. */
  isAccepted: boolean;
  /** What each attempt was answered: a status, or an error. */
  answers: string[];
}

export interface SendOptions {
  token: string;
  type: string;
  body: string | Buffer;
  namesInstant: boolean;
  isForged?: boolean;
  /** Sends a second copy at about the same time, as a trigger besides a `notification_url` does. */
  isDoubled?: boolean;
}

export type Sender = ReturnType<typeof startSender>;

/** Cloudinary's is about 20 s. */
const timeoutMs = 8_000;

export interface SenderOptions {
  random: Seeded;
  journal: Journal;
  url: () => string;
  /** How long a minute of Cloudinary's is. */
  minuteMs: number;
}

/** Sends notifications as Cloudinary does: signed, and after anything but 200 again, after 3, 6 and 9 minutes. */
export function startSender({ random, journal, url, minuteMs }: SenderOptions) {
  const all: Sent[] = [];
  const active = new Set<Promise<void>>();

  async function deliver(sent: Sent): Promise<void> {
    // Whether a retry is signed again is not known, so both happen.
    const keepsTimestamp = random.chance(0.5);
    let timestamp = Math.floor(Date.now() / 1_000);
    for (const delayMs of [0, minuteMs * 3, minuteMs * 6, minuteMs * 9]) {
      await sleep(delayMs + (delayMs > 0 ? random.between(0, 500) : 0));
      if (!keepsTimestamp) timestamp = Math.floor(Date.now() / 1_000);
      sent.timestamps.add(timestamp);
      const answer = await post(url(), sent, timestamp, random).catch((error: Error) => error.message);
      sent.answers.push(String(answer));
      journal.note(sent.token, `answered ${answer}`);
      if (answer === 200) {
        sent.isAccepted = true;
        return;
      }
      if (sent.isForged) return;
    }
  }

  function track(sent: Sent): void {
    const delivering = deliver(sent).finally(() => active.delete(delivering));
    active.add(delivering);
  }

  return {
    all,
    active: () => active.size,
    send({ body, isDoubled = false, isForged = false, ...options }: SendOptions): Sent {
      const bytes = Buffer.from(body);
      const sent: Sent = {
        ...options,
        isForged,
        body: bytes,
        sha256: createHash("sha256").update(bytes).digest("hex"),
        sentAt: Date.now(),
        timestamps: new Set(),
        isAccepted: false,
        answers: [],
      };
      all.push(sent);
      track(sent);
      if (isDoubled) track(sent);
      return sent;
    },
  };
}

async function post(url: string, sent: Sent, timestamp: number, random: Seeded): Promise<number> {
  const secret = sent.isForged
    ? "a secret that nobody knows!"
    : random.pick([account.hookSecret, account.nextSecret]);
  const signature = createHash(random.pick(["sha1", "sha256"]))
    .update(sent.body)
    .update(`${timestamp}${secret}`)
    .digest("hex");
  return await new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: "POST",
      agent: false,
      timeout: timeoutMs,
      headers: {
        "user-agent": "Cloudinary",
        accept: "*/*",
        "content-type": "application/json",
        "content-length": sent.body.length,
        "x-cld-timestamp": String(timestamp),
        "x-cld-signature": signature,
      },
    });
    const timer = setTimeout(() => request.destroy(new Error("timeout")), timeoutMs);
    request.on("error", reject);
    request.on("close", () => clearTimeout(timer));
    request.on("response", (response) => {
      response.resume();
      response.on("error", reject);
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    request.end(sent.body);
  });
}
