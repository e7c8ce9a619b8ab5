import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import deliverBackground from "../../../netlify/functions/deliver-background.ts";
import { stopwatch } from "../../../src/lib/shared/stopwatch.ts";
import { uploadBody } from "../../support/bodies.ts";
import { arrive } from "../../support/deliveries.ts";
import { invoke } from "../../support/invoke.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { type Site, site } from "../../support/site.ts";

const receiver = ownReceiver();
const query = async <R>(text: string) => (await receiver.database.db.query<R>(text)).rows;

describe("with workers that run as on the platform", () => {
  let here: Site;
  const alive = { now: 0, most: 0, ended: [] as Promise<unknown>[] };

  async function work(nudge: Request): Promise<void> {
    alive.now += 1;
    alive.most = Math.max(alive.most, alive.now);
    const running = invoke(deliverBackground, nudge);
    alive.ended.push(running);
    await running;
    alive.now -= 1;
  }

  beforeAll(async () => {
    here = await site(202, work);
  });
  afterAll(async () => {
    await Promise.all(alive.ended);
    await here.close();
  });

  it("a steady load keeps one worker, and a notification that arrives while it ends is delivered at once", {
    timeout: 60_000,
  }, async () => {
    let pauses = 0;
    for (let sent = 0; sent < 16; sent += 1) {
      const elapsedMs = stopwatch();
      await arrive(uploadBody({ public_id: `steady-${sent}` }), here.origin);
      await sleep(250);
      // Of the machine: a worker that had nothing to do for so long has ended.
      if (elapsedMs() > 1_000) pauses += 1;
    }
    expect(here.requests.length).toBeLessThanOrEqual(2 + pauses);
    expect(alive.most).toBeLessThanOrEqual(2 + pauses);
    // Around the times at which a worker stays, leaves and ends.
    for (const gapMs of [1_400, 1_600, 2_000, 2_400]) {
      await sleep(gapMs);
      await arrive(uploadBody({ public_id: `gap-${gapMs}` }), here.origin);
      // No sweep would deliver it.
      await expect
        .poll(() => query("select handler from deliveries where state in ('due', 'running')"))
        .toEqual([]);
    }
    await Promise.all(alive.ended);
    expect(await query("select * from workers")).toEqual([]);
  });
});

describe("a hook", () => {
  beforeEach(async () => {
    await query("delete from workers");
    await query("update pulse set at = 'epoch'");
    await sleep(251); // What this instance read before.
  });

  const worker = (changed: string) =>
    query(`insert into workers (id, alive_until, saturated) select gen_random_uuid(), ${changed}`);

  async function nudges(): Promise<number> {
    const before = receiver.site.requests.length;
    await arrive(uploadBody(), receiver.site.origin);
    return receiver.site.requests.length - before;
  }

  it("starts a worker when there is none", async () => {
    expect(await nudges()).toBe(1);
  });

  it("starts none beside one that has room", async () => {
    await worker("now() + interval '1 minute', false");
    expect(await nudges()).toBe(0);
  });

  it("starts one beside those that have no room", async () => {
    await worker("now() + interval '1 minute', true from generate_series(1, 3)");
    expect(await nudges()).toBe(1);
  });

  it("starts none beyond the limit of workers", async () => {
    await worker("now() + interval '1 minute', true from generate_series(1, 4)");
    expect(await nudges()).toBe(0);
  });

  it("starts one in place of one that was lost", async () => {
    await worker("now() - interval '1 second', false");
    expect(await nudges()).toBe(1);
  });
});
