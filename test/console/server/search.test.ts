import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import sweep from "../../../netlify/functions/sweep.ts";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { operatorToken } from "../tokens.ts";

let database: TestDatabase;
let here: Site;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(() => configured(database.url, { OPERATOR_TOKEN: operatorToken }));
afterEach(() => vi.unstubAllEnvs());

interface Answer {
  notifications: { id: string; name: string | null; happened: string; publicId: string | null }[];
  next: string | null;
  searchedTo: string | null;
  search: { by: string; since: string | null } | null;
}

async function search(q: string, more = ""): Promise<Answer> {
  const response = await ask(`/api/notifications?q=${encodeURIComponent(q)}${more}`);
  expect([q, response.status]).toEqual([q, 200]);
  return (await response.json()) as Answer;
}

const names = async (q: string) =>
  (await search(q)).notifications.map(({ name, happened }) => (name ?? happened).normalize("NFC")).sort();

/** A search adds what is new, at most once a second. */
const isFound = (q: string) =>
  vi.waitFor(async () => expect((await names(q)).length).toBeGreaterThan(0), {
    timeout: 30_000,
    interval: 200,
  });

async function sweepNow(): Promise<void> {
  const request = new Request(`${here.origin}/.netlify/functions/sweep`, { method: "POST" });
  expect((await invoke(sweep, request)).status).toBe(200);
}

/** An id that is the same in each run: a random one may hold what is searched for, such as `2041`. */
const assetIdOf = (publicId: string) => createHash("md5").update(publicId).digest("hex");

const upload = (publicId: string, more: object = {}) =>
  arrive(
    uploadBody({
      public_id: publicId,
      asset_id: assetIdOf(publicId),
      secure_url: `https://res.cloudinary.com/demo/image/upload/v1/${publicId}.jpg`,
      ...more,
    }),
    here.origin,
  );

const requestId = hexId();
const vaseId = assetIdOf("products/VASE-1/main");

describe("a shop", () => {
  beforeAll(async () => {
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    await upload("products/CHAIR-100/main", {
      display_name: "Garden chair",
      original_filename: "oak-chair",
      tags: ["summer"],
      metadata: { material: "teak" },
    });
    await upload("products/CHAIR-100/gallery-1", { display_name: "Oak chair, side", tags: ["gallery"] });
    await upload("products/VASE-1/main", { display_name: "Stoneware vase", request_id: requestId });
    await upload("pond/fish", { tags: ["sku:KOI"], display_name: "Carp" });
    await upload("guests/img_2041", { original_filename: "jug", display_name: "" });
    await upload("guests/creme", {
      display_name: "Cre\u0300me bru\u0302le\u0301e",
      context: { custom: { caption: "木の椅子" } },
    });
    await upload("people/team", { display_name: "Team", tags: ["person:Zoë Ångström"] });
    await arrive(
      {
        notification_type: "rename",
        asset_id: vaseId,
        from_public_id: "old/amphora",
        to_public_id: "products/VASE-1/main",
        resource_type: "image",
        type: "upload",
        timestamp: "2026-01-31T12:00:00Z",
      },
      here.origin,
    );
    await isFound("amphora");
  });

  const chair = "Garden chair";
  const side = "Oak chair, side";
  const vase = ["Stoneware vase", "main"];
  it.each([
    ["CHAIR-100", [chair, side]],
    ["chair", [chair, side]],
    ["Garden chair", [chair]],
    ["teak", [chair]],
    ["material=teak", [chair]],
    ["vase", vase],
    ["VASE-1", vase],
    ["sku:KOI", ["Carp"]],
    ["sku:koi", ["Carp"]],
    ["sku:VASE", vase],
    ['sku:"VASE"', []],
    ["summer", [chair]],
    ["tag:summer", [chair]],
    ["tag:summ", [chair]],
    ["tag:gallery", [side]],
    ["gallery", [side]],
    ["jug.jpg", ["jug.jpg"]],
    ["PRODUCTS/chair", [chair, side]],
    ["products/CHAIR", [chair, side]],
    ["guests/", ["Crème brûlée", "jug.jpg"]],
    ["creme brulee", ["Crème brûlée"]],
    ["CRÈME", ["Crème brûlée"]],
    ["椅子", ["Crème brûlée"]],
    ["2041", ["jug.jpg"]],
    ["img_2", ["jug.jpg"]],
    ["img%2", []],
    ["person:zoe", ["Team"]],
    ["ångström", ["Team"]],
    ["amphora", vase],
    [vaseId, vase],
    [vaseId.slice(4, 14), vase],
    [requestId, ["Stoneware vase"]],
    ["chair -oak", []],
    ["chair -side", [chair]],
    ["teak,jug", [chair, "jug.jpg"]],
    ['"garden chair"', [chair]],
    ['"chair garden"', []],
    ["chair garden", [chair]],
    ["“garden chair”", [chair]],
    ["/products/CHAIR-100/main.png", [chair]],
    [
      "https://res.cloudinary.com/demo/image/upload/c_fill,w_10/v1760000123/products/CHAIR-100/main.jpg",
      [chair],
    ],
    ["https://res.cloudinary.com/demo/image/upload/products/CHAIR-100/main", [chair]],
    ["type:rename", ["main"]],
    ["-type:upload", ["main"]],
    ["type:upload vase", ["Stoneware vase"]],
    ["since:1h teak", [chair]],
    ["until:2020-01-01 teak", []],
    ["handler:email", []],
    ["cloud:demo sku:KOI", ["Carp"]],
    ["cloud:elsewhere", []],
    ["-cloud:demo", []],
    ["state:due sku:KOI", ["Carp"]],
    ["state:queued -handler:pim", []],
    ["handler:pim -state:due", []],
  ])("%s finds %j", async (q, expected) => {
    expect(await names(q)).toEqual([...expected].sort());
  });

  it("a whole id of a notification finds it", async () => {
    const [first] = (await search("teak")).notifications;
    expect((await search(first?.id ?? "")).notifications).toMatchObject([{ id: first?.id }]);
  });

  it("counts what it finds", async () => {
    const response = await ask(`/api/notifications/counts?q=${encodeURIComponent("chair -side")}`);
    expect(await response.json()).toMatchObject({ count: 1, complete: true });
  });

  it.each([
    ["stat:dead", "unknown-filter", "Did you mean state:", "state:dead"],
    ["size:large", "unknown-filter", "found without one", "large"],
    ["-name:vase x", "unknown-filter", "found without one", "-vase x"],
    ["product:CHAIR-100", "unknown-filter", "Did you mean sku:", "sku:CHAIR-100"],
    ["state:ded chair", "unknown-state", "Did you mean dead?", "state:dead chair"],
    ["type:uplaod", "unknown-type", "Did you mean upload?", "type:upload"],
    ["handler:emial", "unknown-handler", "Did you mean email?", "handler:email"],
    ["since:soon", "invalid-time", "such as since:90m", undefined],
    ["since:2026-13-01", "invalid-time", "such as since:90m", undefined],
    ["-since:1h", "not-negatable", "cannot be negated", "since:1h"],
    ["tag:", "empty-filter", "such as tag:summer", undefined],
    ['"chair', "unclosed-quote", "not closed", '"chair"'],
  ])("%s is an error with a name and a suggestion", async (q, reason, hint, suggestion) => {
    for (const path of ["/api/notifications", "/api/notifications/counts", "/api/notifications/export"]) {
      const response = await ask(`${path}?q=${encodeURIComponent(q)}`);
      expect(response.status).toBe(400);
      const { error } = (await response.json()) as { error: Record<string, string> };
      expect(error).toMatchObject({ reason, hint: expect.stringContaining(hint) });
      expect(error.suggestion).toBe(suggestion);
    }
  });

  it("finds the same without the extension, and says that it reads the texts one by one", async () => {
    expect((await search("teak")).search).toEqual({ by: "index", since: null });
    const { rows } = await database.db.query<{ created: string }>(
      "select pg_get_indexdef('search_texts_text'::regclass) as created",
    );
    await database.db.query("drop index search_texts_text");
    expect(await search("teak")).toMatchObject({ notifications: [{ name: chair }], search: { by: "scan" } });
    await database.db.query(rows[0]?.created ?? "");
  });

  it("older notifications are added by the sweep, which continues where it stopped", async () => {
    await database.db.query("delete from search_texts");
    await database.db.query("update search_progress set oldest = now(), oldest_id = null, newest = now()");
    expect((await search("teak")).search?.since).not.toBeNull();
    await sweepNow();
    expect(await search("teak")).toMatchObject({ notifications: [{ name: chair }], search: { since: null } });
    expect(await names("sku:KOI")).toEqual(["Carp"]);
  });

  it("what came while something else was added to the search is found at once", async () => {
    // A search rests after one that took long. Here none does, however busy the machine: the clock stands, where the last rest is over.
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now() + 1_000);
    try {
      const completion = ask("/api/suggestions?q=between");
      await upload("between/two-searches");
      await completion;
      expect((await search("between/two-searches")).notifications).toHaveLength(1);
    } finally {
      clock.mockRestore();
    }
  });

  it("what the search has passed is added by the sweep", async () => {
    await isFound("between/two");
    const id = await upload("passed/by", { tags: ["late"] });
    await database.db.query("update notifications set received_at = now() - interval '1 day' where id = $1", [
      id,
    ]);
    expect(await names("tag:late")).toEqual([]);
    await sweepNow();
    expect((await search("tag:late")).notifications.map(({ publicId }) => publicId)).toEqual(["passed/by"]);
  });

  it("what is erased or deleted after its retention is not found, and what is left is", async () => {
    const [rename] = (await search("type:rename")).notifications;
    expect(
      (await ask("/api/erasures", { body: { notification: rename?.id, reason: "request" } })).status,
    ).toBe(200);
    expect(await names("amphora")).toEqual([]);
    expect(await names("Stoneware")).toEqual(["Stoneware vase"]);
    await database.db.query("update deliveries set state = 'done', settled_at = now()");
    await database.db.query(
      "update notifications set received_at = now() - interval '90 days' where public_id like 'guests/%'",
    );
    await sweepNow();
    expect(await names("guests/")).toEqual([]);
    const { rows } = await database.db.query("select key from search_texts where text like '%guests/%'");
    expect(rows).toEqual([]);
  });
});

describe("a long history", () => {
  beforeAll(async () => {
    const { db } = database;
    await db.query("truncate notifications, search_texts cascade");
    // What is searched for is the oldest, far behind the newest that every search looks at first.
    await db.query(
      `insert into notifications (identity, body_sha256, type, asset_id, public_id, cloud, received_at, body)
       select 'i' || n, '', case when n % 2 = 0 then 'eager' else 'upload' end, 'asset-' || n,
              case when n <= 60 then 'rare/' else 'common/' end || n, case when n <= 60 then 'second' else 'demo' end,
              now() - interval '1 day' + n * interval '1 second', ''
       from generate_series(1, 4000) n`,
    );
    await db.query(
      `insert into deliveries (notification_id, handler, state, created_at, settled_at)
       select id, handler, case when handler = 'pim' and n <= 60 then 'dead' when handler = 'email' then 'skipped' else 'done' end, received_at, received_at
       from notifications, lateral (select substr(identity, 2)::int as n) i, unnest(array['pim', 'email', 'moderation']) as handler
       where handler <> 'moderation' or n = 30`,
    );
    await db.query(
      `insert into search_texts (key, text) select asset_id, E'\\n' || public_id || E'\\n^' || cloud || E'\\n' from notifications`,
    );
  });

  const all = async (q: string) => {
    const ids: string[] = [];
    for (let before = ""; ; ) {
      const page = await search(q, `&limit=25${before}`);
      ids.push(...page.notifications.map(({ publicId }) => publicId ?? ""));
      if (page.next === null || ids.length > 200) return ids;
      before = `&before=${page.next}`;
    }
  };
  const rare = Array.from({ length: 60 }, (_, n) => `rare/${60 - n}`);

  it.each([
    ["rare", rare],
    ["rare/ -rare/59", rare.filter((id) => id !== "rare/59")],
    ["state:dead", rare],
    ["state:failed rare", rare],
    ["state:dead handler:pim", rare],
    ["state:dead handler:email", []],
    ["state:skipped handler:pim", []],
    ["handler:moderation", ["rare/30"]],
    ["-handler:email,pim", []],
    ["cloud:second", rare],
    ["cloud:third", []],
    ["nowhere", []],
    ["type:eager state:dead", rare.filter((_, index) => index % 2 === 0)],
    ["state:due", []],
    ["state:held", []],
  ])("%s: every page, newest first", async (q, expected) => {
    expect(await all(q)).toEqual(expected);
  });

  it("what is common is found at once", async () => {
    expect((await search("common", "&limit=3")).notifications.map(({ publicId }) => publicId)).toEqual([
      "common/4000",
      "common/3999",
      "common/3998",
    ]);
    expect((await search("state:skipped -type:upload", "&limit=2")).notifications).toHaveLength(2);
  });
});
