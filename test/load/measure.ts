import { createHash, randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import pg from "pg";
import { account } from "../chaos/outside/world.ts";

/** What a number of senders measured. */
export interface Answers {
  /** Answered with 200. */
  answered: number;
  /** Every other answer, and none, by status or message. */
  errors: Record<string, number>;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface Until {
  /** Senders stop after this time, or after so many notifications, whichever comes first. */
  ms: number;
  notifications: number;
}

/** Each sender sends its next notification when the one before is answered. */
export async function send(url: string, senders: number, until: Until): Promise<Answers> {
  const startedAt = performance.now();
  const times: number[] = [];
  const errors: Record<string, number> = {};
  let left = until.notifications;
  const sender = async () => {
    while (left > 0 && performance.now() - startedAt < until.ms) {
      left -= 1;
      const sentAt = performance.now();
      const answer = await post(url).catch((error: Error) => error.message);
      if (answer === 200) times.push(performance.now() - sentAt);
      else errors[answer] = (errors[answer] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  const seconds = (performance.now() - startedAt) / 1_000;
  const sorted = times.sort((a, b) => a - b);
  const quantile = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return {
    answered: times.length,
    errors,
    perSecond: Math.round(times.length / seconds),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
  };
}

export const senderTimeoutMs = 20_000;

/** A new eager result each time, over a new connection, as Cloudinary does. */
async function post(url: string): Promise<number> {
  const publicId = `load/${randomBytes(8).toString("hex")}`;
  const version = Math.floor(Date.now() / 1_000);
  const body = JSON.stringify({
    notification_type: "eager",
    timestamp: new Date().toISOString(),
    request_id: randomBytes(16).toString("hex"),
    batch_id: randomBytes(32).toString("hex"),
    asset_id: randomBytes(16).toString("hex"),
    public_id: publicId,
    eager: ["c_fill,h_400,w_400", "c_scale,w_100"].map((transformation) => ({
      transformation,
      width: 400,
      height: 400,
      bytes: 9_000,
      format: "jpg",
      secure_url: `https://res.cloudinary.com/${account.cloud}/image/upload/${transformation}/v${version}/${publicId}.jpg`,
    })),
  });
  const signature = createHash("sha256").update(`${body}${version}${account.hookSecret}`).digest("hex");
  return await new Promise((resolve, reject) => {
    const request = httpRequest(url, {
      method: "POST",
      agent: false,
      headers: {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        "x-cld-timestamp": String(version),
        "x-cld-signature": signature,
      },
    });
    const timer = setTimeout(
      () => request.destroy(new Error(`no answer within ${senderTimeoutMs / 1_000} s`)),
      senderTimeoutMs,
    );
    request.on("close", () => clearTimeout(timer));
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", reject);
    });
    request.end(body);
  });
}

/** The most connections that the functions had at the database, while `work` runs. */
export async function countingConnections<T>(url: string, work: () => Promise<T>): Promise<[T, number]> {
  const client = new pg.Client(url);
  await client.connect();
  let most = 0;
  let asking: Promise<void> | null = null;
  const ask = async () => {
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::int as count from pg_stat_activity where usename = 'functions'",
    );
    most = Math.max(most, rows[0]?.count ?? 0);
    asking = null;
  };
  const timer = setInterval(() => {
    asking ??= ask();
  }, 250);
  const stop = async () => {
    clearInterval(timer);
    await asking;
  };
  try {
    const result = await work();
    await stop();
    await ask();
    return [result, most];
  } finally {
    await stop();
    await client.end();
  }
}
