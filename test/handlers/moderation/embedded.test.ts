import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reconcile } from "../../../src/lib/reconcile/reconcile.ts";
import { hexId } from "../../support/bodies.ts";
import { embeddedDatabase } from "../../support/databases.ts";
import { decisionOn, uploadOf } from "./bodies.ts";
import { settingsWith, type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world(embeddedDatabase);
});
afterAll(() => here.close());
beforeEach(() => here.reset());

describe("on the database of netlify dev", () => {
  it("M1, M2: carries out decisions once", async () => {
    const good = here.put({ asset_id: hexId(), public_id: "clips/good" });
    const bad = here.put({ asset_id: hexId(), public_id: "clips/bad" });
    for (const [video, status] of [
      [good, "approved"],
      [bad, "rejected"],
    ] as const) {
      await here.tell(uploadOf(video));
      for (let copy = 0; copy < 5; copy += 1) await here.tell(decisionOn(video, status, { copy }));
    }
    await here.settle();
    const asked = "ask /video/explicit"; // Again, if the database is so slow that an answer is old.
    const lines = here.calls.map(({ line }) => line).sort();
    expect(lines.filter((line) => line !== asked)).toEqual(["POST /video/destroy", "POST /video/explicit"]);
    expect(lines).toContain(asked);
    expect(here.assets).toMatchObject([
      { public_id: "clips/good", access_control: [{ access_type: "anonymous" }] },
    ]);
  });

  it("M8: enforces the cap", async () => {
    for (let clip = 1; clip <= 6; clip += 1) {
      const video = here.put({ asset_id: hexId(), public_id: `clips/${clip}` });
      await here.tell(uploadOf(video));
      await here.tell(decisionOn(video, "rejected"));
    }
    await here.run({ maxDeletionsPerHour: 2 });
    expect(here.assets).toHaveLength(4);
  });

  it("reconcile finds what is missing", async () => {
    await here.db.query("update first_start set at = '2025-01-01'");
    const moderation = [{ kind: "manual", status: "approved" as const, updated_at: "2025-10-09T09:00:00Z" }];
    here.put({ resource_type: "image", moderation });
    const reconciled = await reconcile({
      db: here.db,
      api: here.api(),
      settings: settingsWith({}),
      now: new Date(),
      budgetMs: 60_000,
    });
    expect(reconciled).toEqual({ missed: { decisions: 1, uploads: 0 }, adminCalls: 4, stopped: null });
  });
});
