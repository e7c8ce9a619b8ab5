import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import reconcileFunction from "../../../netlify/functions/reconcile.ts";
import { reconcile } from "../../../src/lib/reconcile/reconcile.ts";
import type { Asset } from "../../../src/local/cloudinary/store/state.ts";
import type { Settings } from "../../../src/settings.types.ts";
import { decisionOn, uploadOf } from "../../handlers/moderation/bodies.ts";
import { type CloudinaryCall, settingsWith, type World, world } from "../../handlers/moderation/world.ts";
import { hexId } from "../../support/bodies.ts";
import { makeDue } from "../../support/deliveries.ts";
import { fc } from "../../support/fast-check.ts";
import { invoke } from "../../support/invoke.ts";
import { site } from "../../support/site.ts";

const kind = "google_video_moderation";
const minute = 60_000;
let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(async () => {
  await here.reset();
  await here.db.query("update first_start set at = now() - interval '1 day'");
});

const ago = (minutes: number) =>
  new Date(Math.floor((Date.now() - minutes * minute) / 1_000) * 1_000).toISOString();

/** One queue, and no look for uploads, unless a test says otherwise. */
const oneQueue: Settings["moderation"]["reconcile"] = {
  queues: [{ kind, resourceType: "video" }],
  uploads: false,
  minAgeMs: 30 * minute,
  keepShare: 0.5,
};

const run = (
  changed: Partial<Settings["moderation"]["reconcile"]> = {},
  more: { since?: Date; dryRun?: boolean } = {},
) =>
  reconcile({
    db: here.db,
    api: here.api(),
    settings: settingsWith({ reconcile: { ...oneQueue, ...changed }, dryRun: more.dryRun ?? false }),
    now: new Date(),
    budgetMs: 60_000,
    ...(more.since && { since: more.since }),
  });

const decided = (status: "approved" | "rejected", at: string, changed: Partial<Asset> = {}) =>
  here.put({ asset_id: hexId(), moderation: [{ kind, status, updated_at: at }], ...changed });

const adminCalls = () => here.calls.filter(({ api }) => api === "admin").map(({ line }) => line);
const fed = async () => (await here.deliveries()).filter(({ source }) => source === "reconcile");

describe("a decision without a notification", () => {
  it("is recorded like a notification, carried out, and reported in one mail", async () => {
    const lost = decided("approved", ago(90));
    const other = decided("rejected", ago(80), { public_id: "clips/second" });
    const reconciled = await run();
    expect(reconciled).toEqual({ missed: { decisions: 2, uploads: 0 }, adminCalls: 2, stopped: null });
    expect(await fed()).toMatchObject([
      { type: "moderation", state: "due" },
      { type: "moderation", state: "due" },
    ]);
    await here.settle();
    expect(lost.access_control).toEqual([{ access_type: "anonymous" }]);
    expect(here.assets).not.toContain(other);

    const mails = await here.deliveries("email");
    expect(mails).toMatchObject([{ type: "reconcile_summary", source: "reconcile" }]);
    expect(await here.deliveries("pim")).toHaveLength(2);
    const { rows } = await here.db.query("select missed from reconcile_position");
    expect(rows).toEqual([{ missed: 2 }]);
  });

  it("is recorded once: the next run finds nothing", async () => {
    decided("approved", ago(90));
    await run();
    expect((await run()).missed).toEqual({ decisions: 0, uploads: 0 }); // Still due.
    await here.settle();
    expect((await run()).missed).toEqual({ decisions: 0, uploads: 0 });
    expect(await here.deliveries("email")).toHaveLength(1);
  });

  it("is found if an earlier, opposite one arrived", async () => {
    const video = decided("approved", ago(60));
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: ago(90) }));
    await here.run({ rules: [] }); // Noted, and nothing done.
    expect((await run()).missed.decisions).toBe(1);
    await here.settle();
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("is found if an earlier equal one arrived and was overtaken", async () => {
    const video = decided("rejected", ago(90));
    await here.tell(decisionOn(video, "approved", { at: ago(100) }));
    expect(await here.run()).toMatchObject([{ state: "skipped", last_error: "overtaken" }]);
    video.moderation = [{ kind, status: "approved", updated_at: ago(60) }];
    expect((await run()).missed.decisions).toBe(1);
    await here.settle();
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
  });

  it("is found after the end of a dry run", async () => {
    const video = decided("rejected", ago(90));
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected", { at: ago(90) }));
    await here.run({ dryRun: true });
    expect((await run({}, { dryRun: true })).missed.decisions).toBe(0);
    expect((await run()).missed.decisions).toBe(1);
    await here.settle();
    expect(here.assets).toEqual([]);
  });
});

describe("what is ignored", () => {
  it.each([
    ["from before the receiver's first start", 25 * 60],
    ["younger than half an hour: it may be on its way", 20],
  ])("%s", async (_why, minutes) => {
    decided("approved", ago(minutes));
    expect((await run()).missed.decisions).toBe(0);
    expect(await here.deliveries()).toEqual([]);
  });

  it("decisions before the first start, unless a time is given", async () => {
    decided("approved", ago(25 * 60));
    expect((await run({}, { since: new Date(ago(26 * 60)) })).missed.decisions).toBe(1);
  });

  it("decisions that are already queued, held or dead", async () => {
    const video = decided("approved", ago(90));
    await here.tell(decisionOn(video, "approved", { at: ago(90) }));
    for (const state of ["due", "held", "dead"]) {
      await here.db.query("update deliveries set state = $1 where handler = 'moderation'", [state]);
      expect((await run()).missed.decisions).toBe(0);
    }
    await here.db.query("delete from notifications");
    expect((await run()).missed.decisions).toBe(1); // Or the three above would prove nothing.
  });
});

describe("the function", () => {
  it("runs with the project's settings, returns what it found, and starts a worker", async () => {
    const worker = await site();
    decided("approved", ago(90));
    const answer = await invoke(
      reconcileFunction,
      new Request(`${worker.origin}/.netlify/functions/reconcile`),
    );
    expect(await answer.json()).toEqual({
      missed: { decisions: 1, uploads: 0 },
      adminCalls: 4,
      stopped: null,
    });
    expect(worker.requests).toMatchObject([{ path: "/.netlify/functions/deliver-background" }]);
    const { rows } = await here.db.query(
      "select name from heartbeats where at > now() - interval '1 minute'",
    );
    expect(rows).toContainEqual({ name: "reconcile" });

    const again = await invoke(
      reconcileFunction,
      new Request(`${worker.origin}/.netlify/functions/reconcile`),
    );
    expect(await again.json()).toMatchObject({ missed: { decisions: 0, uploads: 0 } });
    expect(worker.requests).toHaveLength(1);
    await worker.close();
  });
});

describe("its cost", () => {
  it("1,000 approved assets: a new decision is two Upload API calls and no Admin call; reconcile is three Admin calls", async () => {
    for (let clip = 1; clip <= 1_000; clip += 1)
      decided("approved", ago(120), { public_id: `clips/${clip}` });
    await here.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, carried_out_at)
       select id, $2::bigint, $3, 'approved', $4::timestamptz, 'publish', now() from unnest($1::text[]) as id`,
      [here.assets.map(({ asset_id }) => asset_id), here.assets[0]?.version ?? 0, kind, ago(120)],
    );
    expect(await run()).toEqual({ missed: { decisions: 0, uploads: 0 }, adminCalls: 3, stopped: null });
    expect(adminCalls()).toEqual([
      `GET /resources/video/moderations/${kind}/approved`,
      `GET /resources/video/moderations/${kind}/approved`,
      `GET /resources/video/moderations/${kind}/rejected`,
    ]);

    here.calls.length = 0;
    const fresh = here.put({ asset_id: hexId(), public_id: "clips/fresh" });
    await here.tell(uploadOf(fresh));
    await here.tell(decisionOn(fresh, "approved"));
    await here.run();
    expect(here.calls.map(({ api, line }) => `${api} ${line}`)).toEqual([
      "upload ask /video/explicit",
      "upload POST /video/explicit",
    ]);
  });

  it("leaves a share of the rate limit to others, and continues where it stopped", async () => {
    for (let clip = 1; clip <= 1_200; clip += 1)
      decided("approved", ago(26 * 60), { public_id: `clips/${clip}` });
    decided("rejected", ago(90), { public_id: "clips/last" });
    here.cloudinary.limit.set({ allowed: 100, remaining: 52 });
    expect(await run()).toMatchObject({ adminCalls: 2, stopped: "budget", missed: { decisions: 0 } });

    here.calls.length = 0;
    here.cloudinary.limit.set({ allowed: 100, remaining: 100 });
    expect(await run()).toMatchObject({ adminCalls: 2, stopped: null, missed: { decisions: 1 } });
    expect(adminCalls()).toEqual([
      `GET /resources/video/moderations/${kind}/approved`,
      `GET /resources/video/moderations/${kind}/rejected`,
    ]);
    expect(here.calls[0]?.fields.next_cursor).toBeDefined();
  });

  it("M6: stops without an error when the rate limit is reached", async () => {
    decided("approved", ago(90));
    here.cloudinary.limit.set({ remaining: 0 });
    expect(await run()).toMatchObject({ stopped: "rate-limit", missed: { decisions: 0 } });
    here.cloudinary.limit.set({ remaining: 500 });
    expect(await run()).toMatchObject({ stopped: null, missed: { decisions: 1 } });
  });

  it("continues with the next queue when one fails", async () => {
    decided("rejected", ago(90));
    here.cloudinary.faults.add({ kind: "status", status: 500, match: "approved" });
    expect(await run()).toMatchObject({ stopped: "failed", missed: { decisions: 1 } });
  });

  it("restarts a queue when the cursor has expired", async () => {
    decided("approved", ago(90));
    await here.db.query("update reconcile_position set stage = $1, cursor = 'from last week'", [
      `${kind}/video/approved`,
    ]);
    expect(await run()).toMatchObject({ stopped: null, missed: { decisions: 1 } });
  });
});

describe("an upload without a notification", () => {
  beforeEach(() => {
    here.instead.answer = search;
  });
  const looking = () => run({ queues: [], uploads: true });

  it("is recorded for the PIM and moderation; uploads that arrived are not", async () => {
    const arrived = here.put({ asset_id: hexId(), uploaded_at: ago(100) });
    await here.tell(uploadOf(arrived));
    here.put({ asset_id: hexId(), public_id: "clips/lost", uploaded_at: ago(90), tags: ["a"] });
    here.put({ asset_id: hexId(), public_id: "clips/young", uploaded_at: ago(10) });
    expect(await looking()).toEqual({ missed: { decisions: 0, uploads: 1 }, adminCalls: 1, stopped: null });
    const pim = (await here.deliveries("pim")).filter(({ source }) => source === "reconcile");
    expect(pim).toMatchObject([{ type: "upload" }]);
    expect(await here.run({}, [here.pim])).toMatchObject([
      { state: "skipped" },
      { source: "reconcile", state: "skipped", last_error: "no-decision" },
    ]);
    const { rows } = await here.db.query(
      "select public_id, version is not null as known from pim_asset order by 1",
    );
    expect(rows).toContainEqual({ public_id: "clips/lost", known: true });
  });

  it("is searched for once: the next run starts where this one ended", async () => {
    await here.tell(uploadOf(here.put({ uploaded_at: ago(100) })));
    await looking();
    here.calls.length = 0;
    await looking();
    const [, from] = /uploaded_at>="([^"]+)"/.exec(here.calls[0]?.fields.expression ?? "") ?? [];
    expect(Date.now() - Date.parse(from ?? "")).toBeLessThan(31 * minute);
  });

  it("is not recorded for a deleted asset, whose backup is listed with 0 bytes", async () => {
    await here.tell(uploadOf(here.put({ asset_id: hexId(), uploaded_at: ago(100) })));
    here.put({ asset_id: hexId(), public_id: "clips/deleted", uploaded_at: ago(90), placeholder: true });
    expect(await looking()).toMatchObject({ missed: { uploads: 0 } });
  });

  it("is not searched for if the receiver gets no upload notifications", async () => {
    here.put({ uploaded_at: ago(100) });
    expect(await looking()).toMatchObject({ adminCalls: 0, missed: { uploads: 0 } });
  });

  /** The part of the Search API that is asked for: a span of upload times, oldest first. */
  function search({ line, fields }: CloudinaryCall): Response | null {
    if (line !== "POST /resources/search") return null;
    const [, from = "", to = ""] =
      /^uploaded_at>="([^"]+)" AND uploaded_at<="([^"]+)"$/.exec(fields.expression ?? "") ?? [];
    const span = (asset: Asset) => asset.uploaded_at >= from && asset.uploaded_at <= to;
    const resources = here.assets.filter(span).map(({ file: _file, serial: _serial, ...asset }) => asset);
    return Response.json({ total_count: resources.length, resources });
  }
});

describe("decisions in any order, repeated or missing", () => {
  type Status = "approved" | "rejected";
  const status = fc.constantFrom<Status[]>("approved", "rejected");

  /** What a clip was decided to be, one decision a minute; `arrivals` says which of them arrive, in which order. */
  interface History {
    statuses: Status[];
    arrivals: number[];
    uploadArrives: boolean;
    /** Whether deliveries run after each arrival, or after all of them. */
    between: boolean;
  }

  const history = (statuses: fc.Arbitrary<Status[]>): fc.Arbitrary<History> =>
    statuses.chain((list) =>
      fc.record({
        statuses: fc.constant(list),
        arrivals: fc.array(fc.nat(list.length - 1), { maxLength: 2 * list.length }),
        uploadArrives: fc.boolean(),
        between: fc.boolean(),
      }),
    );

  async function play(histories: readonly History[], settings: Partial<Settings["moderation"]>) {
    await here.reset();
    const clips = histories.map(({ statuses }, index) => {
      const last = statuses.at(-1) ?? "approved";
      const times = statuses.map((_, step) => ago(200 - step));
      return { asset: decided(last, times.at(-1) ?? "", { public_id: `clips/${index}` }), times };
    });
    for (const [index, { statuses, arrivals, uploadArrives, between }] of histories.entries()) {
      const { asset, times } = clips[index] ?? expect.fail("no clip");
      if (uploadArrives) await here.tell(uploadOf(asset));
      for (const [copy, step] of arrivals.entries()) {
        await here.tell(decisionOn(asset, statuses[step] ?? "", { at: times[step] ?? "", copy }));
        if (between) await here.run(settings);
      }
    }
    await here.run(settings);
    await reconcile({
      db: here.db,
      api: here.api(),
      settings: settingsWith({ ...settings, reconcile: oneQueue }),
      now: new Date(),
      budgetMs: 60_000,
    });
    await makeDue(here.db);
    // The time that rejections are given is over.
    await here.settle({ ...settings, deleteAfterMs: 0 });
    return clips.map(({ asset }) =>
      here.assets.includes(asset) ? (asset.access_control?.[0]?.access_type ?? "none") : "deleted",
    );
  }

  const inOrder = ({ statuses }: History) => (statuses.at(-1) === "approved" ? "anonymous" : "deleted");
  const rounds = (arbitrary: fc.Arbitrary<History>) => fc.array(arbitrary, { minLength: 1, maxLength: 6 });

  it("M4: have the same result as in order, with a rejection last (no decisions follow a deletion)", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const statuses = fc
      .tuple(fc.array(fc.constant<Status>("approved"), { maxLength: 4 }), status)
      .map(([before, last]) => [...before, last]);
    await fc.assert(
      fc.asyncProperty(rounds(history(statuses)), async (histories) => {
        expect(await play(histories, { maxDeletionsPerHour: 1_000 })).toEqual(histories.map(inOrder));
      }),
      { numRuns: 12 },
    );
  }, 120_000);

  it("M4: have the same result as in order for all decisions, if the grace period lasts until reconcile has run", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const statuses = fc.array(status, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(rounds(history(statuses)), async (histories) => {
        const settings = { maxDeletionsPerHour: 1_000, deleteAfterMs: 10 * 60 * minute };
        expect(await play(histories, settings)).toEqual(histories.map(inOrder));
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
