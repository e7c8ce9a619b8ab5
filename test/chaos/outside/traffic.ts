import { setTimeout as sleep } from "node:timers/promises";
import type { Journal } from "../journal.ts";
import type { Seeded } from "../seeded.ts";
import { oddNotification } from "./odd-notification.ts";
import { type ProductEvent, productStory } from "./product-story.ts";
import type { Sender } from "./sender.ts";
import type { World } from "./world.ts";

/** A decision that was made at Cloudinary, whoever heard of it. */
export interface Decision {
  at: number;
  publicId: string;
  version: number;
  status: "approved" | "rejected";
}

export interface Traffic {
  /** By SHA-256 of the body. */
  productEvents: ReadonlyMap<string, ProductEvent>;
  decisions: readonly Decision[];
  /** Moderated pictures, with every version and when it was uploaded. */
  pictures: ReadonlyMap<string, { version: number; at: number }[]>;
  /** A notification of the emulator; some never arrive. */
  relay(body: string): void;
  /** Until `signal` aborts. */
  run(options: { perSecond: number; signal: AbortSignal }): Promise<void>;
  idle(): Promise<unknown>;
}

export interface TrafficOptions {
  random: Seeded;
  journal: Journal;
  sender: Sender;
  world: () => World;
  skus: number;
  /** The probability that Cloudinary never sends a notification about a decision; reconcile finds it. */
  lost: number;
}

/**
 * Notifications that wait for their answer or their retry. More than a slow machine answers in eight seconds would all be given up by
 * the sender, and their late answers would keep the processes busy.
 */
const mostActive = 40;

// A picture of one pixel.
const pixel =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

export function traffic({ random, journal, sender, world, skus, lost }: TrafficOptions): Traffic {
  const productEvents = new Map<string, ProductEvent>();
  const decisions: Decision[] = [];
  const pictures = new Map<string, { version: number; at: number }[]>();
  const stories = new Set<Promise<void>>();

  /** Events arrive out of order, some twice at once. */
  async function product(): Promise<void> {
    const told = productStory(random, skus, Date.now());
    await Promise.all(
      told.map(async ({ token, type, body, event }) => {
        await sleep(random.chance(0.7) ? random.between(0, 2_000) : random.between(0, 10_000));
        const isDoubled = random.chance(0.1);
        const { sha256 } = sender.send({ token, type, body, namesInstant: true, isDoubled });
        productEvents.set(sha256, event);
      }),
    );
  }

  /** A picture that a person decides about, sometimes again, sometimes after another one took its place. */
  async function moderated(): Promise<void> {
    const publicId = `review/m${random.hex(12)}`;
    await upload(publicId);
    const rounds = random.pick([1, 1, 1, 2, 2, 3]);
    for (let round = 0; round < rounds; round += 1) {
      await sleep(random.between(300, 6_000));
      if (round > 0 && random.chance(0.4)) await upload(publicId);
      else await decide(publicId, random.pick(["approved", "approved", "rejected"]));
    }
  }

  async function upload(publicId: string): Promise<void> {
    const answer = await world().call("/image/upload", {
      file: pixel,
      public_id: publicId,
      moderation: "manual",
      access_control: JSON.stringify([{ access_type: "token" }]),
      notification_url: `${world().url}/relay`,
    });
    const version = Number(Object(answer).version);
    journal.note(publicId, `uploaded version ${version}`);
    pictures.set(publicId, [...(pictures.get(publicId) ?? []), { version, at: Date.now() }]);
  }

  async function decide(publicId: string, status: Decision["status"]): Promise<void> {
    const version = pictures.get(publicId)?.at(-1)?.version ?? 0;
    // Before the call: the receiver may act before its answer is read.
    const decision = { at: Date.now(), publicId, version, status };
    decisions.push(decision);
    try {
      await world().call(`/resources/image/upload/${encodeURIComponent(publicId)}`, {
        moderation_status: status,
        notification_url: `${world().url}/relay`,
      });
      journal.note(publicId, `decided ${status} for version ${version}`);
    } catch {
      decisions.splice(decisions.indexOf(decision), 1); // An earlier rejection has deleted it.
    }
  }

  function odd(): void {
    const token = `n${random.hex(14)}`;
    sender.send({ token, ...oddNotification(token, random) });
  }

  function begin(): void {
    const drawn = random.fraction();
    if (drawn >= 0.85) {
      odd();
      return;
    }
    const story = (drawn < 0.6 ? product() : moderated())
      .catch((error) => journal.note("", `story failed: ${String(error)}`))
      .finally(() => stories.delete(story));
    stories.add(story);
  }

  return {
    productEvents,
    decisions,
    pictures,
    relay(body) {
      const { notification_type: type, public_id: publicId } = JSON.parse(body);
      if (random.chance(lost)) {
        journal.note(publicId, `never-sent ${type}`);
        return;
      }
      sender.send({ token: publicId, type, body, namesInstant: true, isDoubled: random.chance(0.1) });
    },
    async run({ perSecond, signal }) {
      while (!signal.aborted) {
        // A machine that is too slow for this gets less of it.
        if (sender.active() > mostActive) {
          await sleep(500);
          continue;
        }
        // A story is about four notifications. Now and then, many begin at once.
        const many = random.chance(0.02) ? 8 : 1;
        for (let count = 0; count < many; count += 1) begin();
        await sleep((many * 4_000 * (0.3 + 1.4 * random.fraction())) / perSecond);
      }
    },
    idle: () => Promise.all(stories),
  };
}
