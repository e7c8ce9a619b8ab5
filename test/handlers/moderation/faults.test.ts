import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { makeDue } from "../../support/deliveries.ts";
import { decisionOn, uploadOf } from "./bodies.ts";
import { type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());

const lines = () => here.lines();

/** A rejection that `explicit` does not confirm, since its answer says nothing of moderation: one Admin read, then the deletion. */
async function rejectUnseen() {
  const video = here.put();
  here.cloudinary.faults.add({ kind: "without", fields: ["moderation"], match: "explicit", times: 9 });
  await here.tell(decisionOn(video, "rejected"));
  return video;
}

describe("when Cloudinary rejects a call", () => {
  it.each([420, 429])(
    "M6: %i waits for the reset that the answer names, and counts no attempt",
    async (status) => {
      const reset = new Date(Date.now() + 40 * 60_000);
      await rejectUnseen();
      here.cloudinary.faults.add({
        kind: "status",
        status,
        headers: { "X-FeatureRateLimit-Reset": reset.toUTCString() },
        match: "by_asset_ids",
      });
      const [waiting] = await here.run();
      expect(waiting).toMatchObject({ state: "due", attempts: 1, waits: 1 });
      expect(Math.abs((waiting?.due_at.getTime() ?? 0) - reset.getTime())).toBeLessThan(60_000);

      await makeDue(here.db);
      const [done] = await here.run();
      expect(done).toMatchObject({ state: "done", result: { action: "delete" } });
    },
  );

  it("P1: 429 waits as long as Retry-After says, and not for the next full hour", async () => {
    await rejectUnseen();
    here.cloudinary.faults.add({
      kind: "status",
      status: 429,
      headers: { "Retry-After": "60" },
      match: "by_asset_ids",
    });
    const [waiting] = await here.run();
    expect(waiting).toMatchObject({ state: "due", attempts: 1, waits: 1 });
    expect(waiting?.dueInMs).toBeLessThan(61_000);
  });

  it("M6: waits for the next full hour when the rate limit is reached", async () => {
    await rejectUnseen();
    here.cloudinary.limit.set({ remaining: 0 });
    const [waiting] = await here.run();
    expect(waiting?.dueInMs).toBeLessThan(3_610_000);
    expect(Math.round((waiting?.due_at.getTime() ?? 0) / 60_000) % 60).toBe(0);
  });

  it("M6: needs no Admin API call when the upload is recorded, even if the rate limit is reached", async () => {
    const video = here.put();
    here.cloudinary.limit.set({ remaining: 0 });
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, delivery] = await here.run();
    expect(delivery?.state).toBe("done");
    expect(here.calls.every(({ api }) => api === "upload")).toBe(true);
  });

  it.each([423, 500, 502, 503])("P2: retries on %i", async (status) => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    here.cloudinary.faults.add({ kind: "status", status, match: "destroy" });
    const [, again] = await here.run();
    expect(again).toMatchObject({ state: "due", attempts: 1, waits: 0 });
    expect(again?.last_error).toContain(`Cloudinary ${status}`);
    const { rows } = await here.db.query<{ exchange: unknown }>(
      "select exchange from attempts where exchange is not null",
    );
    expect(rows).toEqual([
      {
        exchange: expect.objectContaining({
          method: "POST",
          host: new URL(here.url).host,
          path: "/v1_1/demo/video/destroy",
          status,
          headers: expect.objectContaining({ "content-type": expect.stringContaining("json") }),
          body: expect.stringContaining('{"error":{"message":'),
        }),
      },
    ]);
    await makeDue(here.db);
    const [, done] = await here.run();
    expect(done?.state).toBe("done");
    expect(here.assets).toEqual([]);
  });

  it.each([400, 401, 403])("P3: fails permanently on %i", async (status) => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "rejected"));
    here.cloudinary.faults.add({ kind: "status", status, match: "destroy" });
    const [, dead] = await here.run();
    expect(dead?.state).toBe("dead");
    expect(here.assets).toHaveLength(1);
  });

  it("P2: times out an Admin API call that hangs, because the SDK has no timeout", async () => {
    await rejectUnseen();
    here.cloudinary.faults.add({ kind: "hang", match: "by_asset_ids" });
    const hasty = here.moderation(here.account, { timeoutMs: 200 });
    const [again] = await here.run({}, [], hasty);
    // Not the deadline of the handler.
    expect(again?.last_error).toContain("no answer within 200 ms");
    expect(again?.state).toBe("due");
  });

  it("holds a rename to an existing name unless the rule allows overwriting", async () => {
    const video = here.put({ type: "authenticated" });
    here.put({ asset_id: "f".repeat(32), type: "upload" });
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "name-taken" });
    expect(here.assets).toHaveLength(2);
  });

  it("detects a completed rename after its response was lost", async () => {
    const video = here.put({ type: "authenticated" });
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    here.cloudinary.faults.add({ kind: "reset", when: "after-work", match: "rename" });
    await here.run();
    expect(video.type).toBe("upload");
    await makeDue(here.db);
    const [, done] = await here.run();
    expect(done).toMatchObject({ state: "done", result: { action: "publish", method: "already" } });
    expect(lines()).toEqual([
      "upload ask /video/explicit",
      "upload POST /video/rename",
      "upload ask /video/explicit",
      "admin GET /resources/by_asset_ids",
    ]);
  });

  it("falls back to update once when explicit does not change the access, and records the method", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    here.instead.answer = ({ line }) =>
      line === "POST /video/explicit"
        ? Response.json({ public_id: video.public_id, access_control: [{ access_type: "token" }] })
        : null;
    const [, delivery] = await here.run();
    expect(delivery).toMatchObject({ state: "done", result: { method: "update" } });
    expect(lines()).toEqual([
      "upload ask /video/explicit",
      "upload POST /video/explicit",
      "admin POST /resources/video/upload/clips/otters",
    ]);
    expect(video.access_control).toEqual([{ access_type: "anonymous" }]);
    expect(await here.ledger()).toMatchObject([{ action: "publish", method: "update", done: true }]);
  });

  it("holds the approval of an asset that no longer exists", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    here.assets.length = 0;
    const [, held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "gone" });
  });

  it("holds decisions when no account is configured", async () => {
    const video = here.put();
    await here.tell(uploadOf(video));
    await here.tell(decisionOn(video, "approved"));
    const [, held] = await here.run({}, [], here.moderation(null));
    expect(held).toMatchObject({ state: "held", last_error: "no-account" });
  });
});

describe("background removal", () => {
  const told = (status: string) => ({
    notification_type: "info",
    info_kind: "cloudinary_ai",
    info_status: status,
    info_data: { cloudinary_ai_hints: [], cloudinary_ai_fine_edges: false, confidence_score: 0.9 },
    asset_id: "a".repeat(32),
    public_id: "shoes/boot",
    version: 1_760_000_123,
    secure_url:
      "https://res.cloudinary.com/demo/image/authenticated/s--ab12cd34--/v1760000123/shoes/boot.png",
    etag: "0".repeat(32),
  });
  const boot = {
    asset_id: "a".repeat(32),
    public_id: "shoes/boot",
    resource_type: "image",
    type: "authenticated",
    background_removal: "complete",
  } as const;

  it("is held when it failed, without a call to Cloudinary", async () => {
    here.put(boot);
    await here.tell(told("failed"));
    const [held] = await here.run();
    expect(held).toMatchObject({ state: "held", last_error: "background-removal-failed" });
    expect(here.calls).toEqual([]);
  });

  it("requests moderation once when it is reported twice", async () => {
    here.put(boot);
    await here.tell(told("complete"));
    await here.tell({ ...told("complete"), again: true });
    await here.settle();
    expect(lines().filter((line) => line.includes("POST"))).toEqual(["upload POST /image/explicit"]);
  });

  it("M8: requests nothing in a dry run", async () => {
    here.put(boot);
    await here.tell(told("complete"));
    const [done] = await here.run({ dryRun: true });
    expect(done).toMatchObject({ state: "done", result: { dryRun: true, would: "review" } });
    expect(lines()).toEqual([`admin GET /resources/${boot.asset_id}`]);
  });

  it("requests nothing for a public image", async () => {
    here.put({ ...boot, type: "upload" });
    const secure_url = "https://res.cloudinary.com/demo/image/upload/v1760000123/shoes/boot.png";
    await here.tell({ ...told("complete"), secure_url });
    const [skipped] = await here.run();
    expect(skipped).toMatchObject({ state: "skipped", last_error: "not-restricted" });
  });
});

describe("secrets", () => {
  it("never appear in a log line or record, whatever fails", async () => {
    const written: string[] = [];
    for (const level of ["log", "warn", "error", "info", "debug"] as const)
      vi.spyOn(console, level).mockImplementation((...args) => void written.push(args.map(String).join(" ")));
    const hasty = here.moderation(here.account, { timeoutMs: 150 });
    for (const fault of [
      ...[400, 401, 403, 404, 409, 420, 429, 500, 502, 503].map((status) => ({
        kind: "status" as const,
        status,
      })),
      {
        kind: "status" as const,
        status: 401,
        body: `Invalid Signature. String to sign - x${here.account.apiSecret}`,
      },
      { kind: "hang" as const },
      ...(["before-body", "after-body", "after-work"] as const).map((when) => ({
        kind: "reset" as const,
        when,
      })),
    ]) {
      for (const match of ["by_asset_ids", "destroy"]) {
        const video = here.put({ asset_id: Math.random().toString(16).slice(2).padEnd(32, "0") });
        await here.tell(decisionOn(video, "rejected"));
        here.cloudinary.faults.clear();
        here.cloudinary.faults.add({ ...fault, match });
        await here.run({ maxDeletionsPerHour: 1_000 }, [], hasty);
        here.assets.length = 0;
      }
    }
    vi.restoreAllMocks();

    for (const table of ["deliveries", "attempts", "moderation_decision"]) {
      const { rows } = await here.db.query(`select * from ${table}`);
      expect(rows.length).toBeGreaterThan(20);
      written.push(JSON.stringify(rows));
    }
    const everything = written.join("\n");
    expect(everything).toContain("Cloudinary 401"); // What failed is told.
    const { apiKey, apiSecret } = here.account;
    for (const secret of [apiSecret, Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")])
      expect(everything).not.toContain(secret);
  });
});
