import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import sweepFunction from "../../../netlify/functions/sweep.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import type { Handler } from "../../../src/lib/deliveries/handler.ts";
import { continueErasure, type ErasureProgress } from "../../../src/lib/erasure/continue-erasure.ts";
import { type ErasurePreview, requestErasure } from "../../../src/lib/erasure/request-erasure.ts";
import { listAssets } from "../../../src/lib/receive/list-assets.ts";
import { settings } from "../../../src/settings.ts";
import { ask } from "../../console/operator.ts";
import { operatorToken } from "../../console/tokens.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive, deliveriesOf, exchangesOf, scripted } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

const origin = "https://hooks.example.com";
const assetId = "2d8d693177ac44895fc02c009ec3f6af";
const otherId = "29aef83195b27118a6c6b0780fc7dafe";
const publicId = "people/jane-doe";
const migration = new URL("../../../netlify/database/migrations/0013_rename_names.sql", import.meta.url);

let n = 0;
function uploadOf(asset: string, name: string, more: object = {}) {
  n += 1;
  return {
    notification_type: "upload",
    timestamp: "2026-03-04T10:20:31+00:00",
    request_id: `r-${n}`,
    asset_id: asset,
    public_id: name,
    version: 1_772_619_630 + n,
    width: 1600,
    height: 1200,
    format: "jpg",
    resource_type: "image",
    created_at: "2026-03-04T10:20:30Z",
    tags: [],
    bytes: 348_211,
    type: "upload",
    etag: "8b5cc4df7eec7d32a7814eca4af047ae",
    placeholder: false,
    url: `http://res.cloudinary.com/demo/image/upload/v${1_772_619_630 + n}/${name}.jpg`,
    secure_url: `https://res.cloudinary.com/demo/image/upload/v${1_772_619_630 + n}/${name}.jpg`,
    ...more,
  };
}

/** Every row of every table as text, but what the erasure itself keeps. */
async function dump(db: Db): Promise<Map<string, string>> {
  const { rows: tables } = await db.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const all = new Map<string, string>();
  for (const { name } of tables) {
    const { rows } = await db.query<{ text: string | null }>(
      // bytea as text as well, so that a marker in a body is found.
      `select string_agg(t::text${name === "notifications" ? " || encode(t.body, 'escape')" : ""}, E'\\n') as text from "${name}" t`,
    );
    all.set(name, rows[0]?.text ?? "");
  }
  return all;
}

async function tablesWith(db: Db, marker: string): Promise<string[]> {
  return [...(await dump(db))]
    .filter(([, text]) => text.toLowerCase().includes(marker))
    .map(([name]) => name);
}

/** A person whom only this asset trains, who was also recognised in it, and another one in another picture. */
async function withFaces(db: Db, { asset_id: id, public_id: name }: { asset_id: string; public_id: string }) {
  const { rows } = await db.query<{ id: string; userId: string }>(
    `insert into face_people (name, user_id) values ($1, gen_random_uuid()), ('Ben', gen_random_uuid()) returning id, user_id as "userId"`,
    [`Jane ${id}`],
  );
  const [jane, ben] = rows;
  if (!jane || !ben) throw new Error("nobody was inserted");
  const faceId = randomUUID();
  const columns = "(asset_id, public_id, resource_type, delivery_type, version, secure_url";
  await db.query(
    `insert into face_trainings ${columns}, person_id, state, problem, face_id, box)
     values ($1, $2, 'image', 'upload', 1, 'https://x.test/' || $1, $3::uuid, 'indexed', $1, $4::uuid, '{}'),
            ('ben', 'ben', 'image', 'upload', 1, null, $5::uuid, 'indexed', null, gen_random_uuid(), '{}')`,
    [id, name, jane.id, faceId, ben.id],
  );
  const face = (person: string) => JSON.stringify([{ outcome: "recognised", person, similarity: 99 }]);
  await db.query(
    `insert into face_pictures ${columns}, state, problem, faces)
     values ($1, $2, 'image', 'upload', 1, 'https://x.test/' || $1, 'done', $1, $3::jsonb),
            ($4, 'garden', 'image', 'upload', 1, null, 'done', null, $5::jsonb)`,
    [id, name, face(jane.id), otherId, face(ben.id)],
  );
  await db.query(
    `insert into face_tags (asset_id, person_id, tag) values ($1, $2::uuid, 'person:' || $1), ($3, $4::uuid, 'person:Ben')`,
    [id, jane.id, otherId, ben.id],
  );
  await db.query(
    `insert into face_removals (kind, asset_id, public_id, resource_type, delivery_type, tag, last_error)
     values ('tag', $1, $2, 'image', 'upload', 'person:' || $1, $1)`,
    [id, name],
  );
  return { userId: jane.userId, faceId };
}

async function progressOf(response: Response): Promise<ErasureProgress> {
  expect(response.status).toBe(200);
  return (await response.json()) as ErasureProgress;
}

/** As the command line does: batch by batch until it is finished. Returns the calls it took. */
async function forget(
  target: object,
  reason = "request 4711",
): Promise<{ last: ErasureProgress; calls: number }> {
  return await carriedOn(await progressOf(await ask("/api/erasures", { body: { ...target, reason } })));
}

async function carriedOn(first: ErasureProgress): Promise<{ last: ErasureProgress; calls: number }> {
  let last = first;
  let calls = 1;
  // While deliveries run, a call erases nothing.
  for (; !last.finished && calls < 1_000; calls += 1) last = await carryOn(last.id);
  return { last, calls };
}

async function carryOn(id: string): Promise<ErasureProgress> {
  return await progressOf(await ask(`/api/erasures/${id}/continue`, { method: "POST" }));
}

async function work(db: Db, handlers: readonly Handler[]): Promise<void> {
  await deliver({ db, handlers, settings, budgetMs: 60_000, handlerTimeoutMs: 30_000, secondLookMs: 0 });
}

describe.each([
  ["PostgreSQL", realDatabase],
  ["PGlite, as under netlify dev", embeddedDatabase],
])("on %s", (_name, open) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.drop());
  beforeEach(async () => {
    configured(database.url, { OPERATOR_TOKEN: operatorToken });
    await database.db.query(
      "truncate notifications, operator_acts, refusals, moderation_decision, pim_asset, pim_claim, pim_rendition, pim_moderation, pim_unknown_sku, pim_removals, erasures, face_people, face_trainings, face_pictures, face_tags, face_removals cascade",
    );
  });
  afterEach(() => vi.unstubAllEnvs());

  it("leaves no erased value in any field of any table, and keeps the counts", async () => {
    const { db } = database;
    const marker = "zq9marker";
    const marked = {
      asset_id: `${marker}asset`,
      public_id: `${marker}/public "ü"`,
      request_id: `${marker}-request`,
      display_name: `${marker} name`,
      original_filename: marker,
      context: { custom: { sku: `${marker}-sku`, alt: `${marker} alt`, caption: marker } },
      tags: [marker],
      moderation: [{ kind: "manual", status: "pending" }],
    };
    const body = uploadOf(marked.asset_id, marked.public_id, marked);
    const id = await arrive(body, origin);
    // A type that Cloudinary does not know, several assets in one body, an old deletion that names the public id alone.
    const odd = await arrive(
      { ...body, notification_type: `${marker}_type`, request_id: `${marker}2` },
      origin,
    );
    const resources = [
      {
        resource_type: "image",
        type: "upload",
        asset_id: marked.asset_id,
        public_id: marked.public_id,
        version: 1,
      },
      { resource_type: "image", type: "upload", asset_id: otherId, public_id: "garden/hose", version: 1 },
    ];
    const several = await arrive({ notification_type: "delete", resources }, origin);
    const old = await arrive(
      { notification_type: "delete", public_id: marked.public_id, timestamp: "2026-03-04T10:20:31+00:00" },
      origin,
    );
    await work(db, [
      pim(),
      scripted("email", () => ({ kind: "retry", error: `refused ${marker}@example.com` })),
      scripted("moderation", () => ({ kind: "hold", reason: `${marker} is not ours` })),
    ]);
    // What handlers, operators and refused requests leave.
    await db.query(
      `update deliveries set result = jsonb_build_object('to', $2::text), progress = jsonb_build_object('p', $2::text), subject = coalesce(subject, $2)
       where notification_id = $1::uuid`,
      [id, marker],
    );
    await db.query(
      `update attempts a set exchange = jsonb_build_object('path', '/x', 'body', $2::text) from deliveries d
       where d.id = a.delivery_id and d.notification_id = $1::uuid`,
      [id, marker],
    );
    await db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action) values ($1, 1, 'manual', 'pending', now(), 'none')`,
      [marked.asset_id],
    );
    await db.query(
      `insert into operator_acts (who, act, notification_id, reason, detail) values
         ('ada', 'replay', $1::uuid, $2, jsonb_build_object('error', $2::text)),
         ('ada', 'approve', null, $2, jsonb_build_object('assetId', $3::text)),
         ('ada', 'pause', null, 'maintenance', null)`,
      [id, `because of ${marker}`, marked.asset_id],
    );
    await db.query(
      "insert into pim_removals (asset_id, notification_id, at) values ($1, gen_random_uuid(), now()) on conflict do nothing",
      [marked.asset_id],
    );
    await db.query(
      "insert into akeneo_urls (slot_sha256, url_sha256, asset_id) values (repeat('a', 64), repeat('b', 64), $1)",
      [marked.asset_id],
    );
    await db.query("insert into pim_unknown_sku (sku, handler) values ($1, 'pim:webhook')", [
      `${marker}-sku`,
    ]);
    const facesLeft = await withFaces(db, marked);
    await db.query(
      `insert into refusals (reason, hour, count, samples) values ('signature-mismatch', now(), 2, $1::jsonb)`,
      [
        JSON.stringify([
          { at: "2026", path: `/webhooks/${marked.asset_id}` },
          { at: "2026", path: "/webhooks" },
        ]),
      ],
    );
    const before = await tablesWith(db, marker);
    expect(before).toEqual(
      expect.arrayContaining([
        "notifications",
        "notification_asset",
        "deliveries",
        "attempts",
        "operator_acts",
        "refusals",
        "moderation_decision",
        "pim_asset",
        "pim_claim",
        "pim_unknown_sku",
        "pim_removals",
        "akeneo_urls",
        "face_people",
        "face_trainings",
        "face_pictures",
        "face_tags",
        "face_removals",
      ]),
    );

    const { last } = await forget({ asset: marked.public_id }, `erase ${marked.public_id}, request 4711`);
    expect(last).toMatchObject({ finished: true, left: 0, counts: { notifications: 4, decisions: 1 } });
    expect(last.counts).toMatchObject({ faceTrainings: 1, facePictures: 1 });
    expect(last.counts.deliveries).toBeGreaterThanOrEqual(4);
    expect(await tablesWith(db, marker)).toEqual([]);

    const { rows } = await db.query(
      "select id, type, times_seen, erased_at is not null as erased from notifications order by received_at",
    );
    expect(rows).toEqual([
      { id, type: "upload", times_seen: 1, erased: true },
      { id: odd, type: "custom", times_seen: 1, erased: true },
      { id: several, type: "delete", times_seen: 1, erased: true },
      { id: old, type: "delete", times_seen: 1, erased: true },
    ]);
    // The other asset of the common body is still named, and what has nothing to do with it is as it was.
    expect((await db.query("select asset_id, public_id from notification_asset")).rows).toEqual([
      { asset_id: otherId, public_id: "garden/hose" },
    ]);
    expect((await db.query("select samples from refusals")).rows).toEqual([
      { samples: [{ at: "2026", path: "/webhooks" }] },
    ]);
    // What Rekognition holds about the training picture, and the person whom no other one shows, is to be removed there.
    expect((await db.query("select kind, user_id, face_id from face_removals order by id")).rows).toEqual([
      { kind: "face", user_id: facesLeft.userId, face_id: facesLeft.faceId },
      { kind: "user", user_id: facesLeft.userId, face_id: null },
    ]);
    expect((await db.query("select name from face_people")).rows).toEqual([{ name: "Ben" }]);
    expect((await db.query("select asset_id from face_tags")).rows).toEqual([{ asset_id: otherId }]);
    expect((await db.query("select reason from operator_acts where act = 'pause'")).rows).toEqual([
      { reason: "maintenance" },
    ]);
    expect((await db.query("select status, answered from moderation_decision")).rows).toEqual([
      { status: "pending", answered: true },
    ]);
  });

  it("erases the answers of other services that name the asset, also in attempts of others, and keeps the rest", async () => {
    const { db } = database;
    const name = 'garden/old "ü"';
    await arrive(uploadOf(otherId, name), origin);
    const other = await arrive(uploadOf("b".repeat(32), "pond/carp"), origin);
    await work(db, [scripted("moderation", () => ({ kind: "hold", reason: "x" }))]);
    const answers = [
      { path: `/v1_1/demo/${encodeURIComponent(name)}`, body: "no" },
      { path: "/products", body: JSON.stringify({ unknown: name }) },
      { path: "/products", body: "no such product", headers: { server: "pim" } },
    ];
    const { rows } = await db.query<{ id: string }>(
      "select id from deliveries where notification_id = $1 and handler = 'moderation'",
      [other],
    );
    for (const [number, answer] of answers.entries())
      await db.query(
        "insert into attempts (delivery_id, number, exchange) values ($1::uuid, $2::int, $3::jsonb)",
        [rows[0]?.id ?? null, number + 10, JSON.stringify(answer)],
      );
    const { last } = await forget({ asset: otherId });
    expect(last.counts.answers).toBe(2);
    expect((await exchangesOf(db, other)).filter((kept) => kept !== null)).toEqual([answers[2]]);
  });

  it("finds whole identifiers in free text, and keeps texts that only contain their letters", async () => {
    const { db } = database;
    for (const [at, name] of ["a", "done", "garden/hose"].entries())
      await arrive(uploadOf(`${otherId}${at}`, name), origin);
    const acts: [string, object | null][] = [
      ["a fine picture of a vase", { assetId: "vase", outcome: "done" }],
      ["see garden/hose-2 and old/garden/hose, garden/hose.jpg", null],
      ["asked about garden/hose.", null],
      ['they wrote "a"', { from: "x" }],
      ["because", { assetId: "a" }],
      ["it was told", { error: "400: garden/hose is unknown" }],
    ];
    for (const [reason, detail] of acts)
      await db.query(
        "insert into operator_acts (who, act, reason, detail) values ('ada', 'approve', $1, $2::jsonb)",
        [reason, detail && JSON.stringify(detail)],
      );
    const samples = [
      { path: "/webhooks/upload", userAgent: "Cloudinary/1.0 a" },
      { path: "/webhooks/garden/hose", userAgent: "Cloudinary" },
      { path: "/webhooks", userAgent: "curl of garden/hose" },
    ];
    await db.query(
      "insert into refusals (reason, hour, count, samples) values ('signature-mismatch', now(), 3, $1::jsonb)",
      [JSON.stringify(samples)],
    );
    await forget({ asset: "a" });
    await forget({ asset: "done" });
    const reasons = async () =>
      (
        await db.query<{ reason: string }>(
          "select reason from operator_acts where act = 'approve' order by id",
        )
      ).rows.map(({ reason }) => reason);
    expect(await reasons()).toEqual([acts[0]?.[0], acts[1]?.[0], acts[2]?.[0], null, null, acts[5]?.[0]]);
    expect((await db.query("select samples from refusals")).rows).toEqual([{ samples }]);
    await forget({ asset: "garden/hose" }, "erase garden/hose and not garden/hose-2");
    expect(await reasons()).toEqual([acts[0]?.[0], acts[1]?.[0], null, null, null, null]);
    expect((await db.query("select samples from refusals")).rows).toEqual([{ samples: [samples[0]] }]);
    const kept = await db.query("select reason from erasures order by requested_at");
    expect(kept.rows).toEqual([
      { reason: "request 4711" },
      { reason: "request 4711" },
      { reason: "[erased]" },
    ]);
  });

  it.each([
    ["people/old", ""],
    ["people/newest", ""],
    ["people/old", ", recorded before both names were"],
  ])("erases renamings without an asset id, and all names of the asset, by %s%s", async (asset, isOld) => {
    const { db } = database;
    const rename = (from: string, to: string) => ({
      notification_type: "rename",
      timestamp: new Date().toISOString(),
      request_id: `${from}-${to}`,
      resource_type: "image",
      type: "upload",
      from_public_id: from,
      to_public_id: to,
    });
    await arrive(rename("people/old", "people/newer"), origin);
    await arrive(rename("people/newer", "people/newest"), origin);
    await arrive(rename("people/other", "people/others"), origin);
    if (isOld !== "") {
      await db.query("truncate notification_asset");
      await db.query(await readFile(migration, "utf8"));
    }
    const { last } = await forget({ asset });
    expect(last.counts.notifications).toBe(2);
    expect(await tablesWith(db, "people/new")).toEqual([]);
    expect(await tablesWith(db, "people/old")).toEqual([]);
    const list = await (await ask("/api/notifications?publicId=people/other")).json();
    expect(list).toMatchObject({ notifications: [{ publicId: "people/others", assets: 0 }] });
  });

  it("shows in advance what it would erase, without changes", async () => {
    const { db } = database;
    await arrive(uploadOf(assetId, publicId), origin);
    await arrive(
      {
        notification_type: "delete",
        resources: [
          { asset_id: assetId, public_id: publicId },
          { asset_id: otherId, public_id: "b" },
        ],
      },
      origin,
    );
    await arrive(uploadOf(otherId, "garden/hose"), origin);
    const before = await dump(db);
    const preview = await ask("/api/erasures/preview", { body: { asset: publicId } });
    expect((await preview.json()) as ErasurePreview).toMatchObject({
      assetIds: [assetId],
      publicIds: [publicId],
      notifications: 2,
      shared: 1,
      deleted: true,
    });
    expect(await dump(db)).toEqual(before);
    expect((await ask("/api/erasures/preview", { body: { asset: "nobody" } })).status).toBe(409);
    expect((await ask("/api/erasures", { body: { asset: "nobody", reason: "request" } })).status).toBe(409);
    expect(
      (await ask("/api/erasures", { body: { asset: "a", notification: otherId, reason: "request" } })).status,
    ).toBe(400);
    expect((await db.query("select from erasures")).rowCount).toBe(0);
  });

  it("records who, when, why and counts, and a hash to check an identifier", async () => {
    await arrive(uploadOf(assetId, publicId), origin);
    const { last } = await forget({ asset: publicId });
    const { erasures } = (await (await ask("/api/erasures")).json()) as {
      erasures: Record<string, unknown>[];
    };
    expect(erasures).toMatchObject([
      { id: last.id, who: "ada", reason: "request 4711", counts: { notifications: 1 } },
    ]);
    expect(erasures[0]?.finishedAt).not.toBeNull();
    expect(erasures[0]?.identifierSha256).toBe(
      createHash("sha256").update(`${last.id} ${publicId}`).digest("hex"),
    );
    const { acts } = (await (await ask("/api/acts")).json()) as { acts: unknown[] };
    expect(acts).toMatchObject([
      { who: "ada", act: "forget", reason: "request 4711", detail: { erasure: last.id } },
    ]);
  });

  it("a repeat of an erased notification restores nothing and plans nothing", async () => {
    const { db } = database;
    const body = uploadOf(assetId, publicId);
    const timestamp = Math.floor(Date.now() / 1_000);
    const send = async () =>
      (await (await invoke(notification, signedRequest(body, { timestamp, origin }))).json()) as {
        id: string;
      };
    const { id } = await send();
    await forget({ asset: assetId });
    const after = await dump(db);
    expect((await send()).id).toBe(id);
    const { rows } = await db.query<{ times_seen: number; bytes: number }>(
      "select times_seen, octet_length(body) as bytes from notifications",
    );
    expect(rows).toEqual([{ times_seen: 2, bytes: 0 }]);
    expect((await dump(db)).get("deliveries")).toEqual(after.get("deliveries"));
    expect(await tablesWith(db, publicId)).toEqual([]);
    // Nor does a replay.
    const replayed = await ask(`/api/notifications/${id}/replay`, { body: { reason: "try again" } });
    expect(await replayed.json()).toEqual({ replayed: 0, planned: 0 });
    expect((await dump(db)).get("deliveries")).toEqual(after.get("deliveries"));
    const record = (await (await ask(`/api/notifications/${id}`)).json()) as { erasedAt: string | null };
    expect(record.erasedAt).not.toBeNull();
    // And what was planned at the very moment is skipped.
    await db.query("insert into deliveries (notification_id, handler) values ($1::uuid, 'late')", [id]);
    const late = scripted("late", () => ({ kind: "done" }));
    await work(db, [late]);
    expect(late.calls).toEqual([]);
    expect((await deliveriesOf(db, id)).find(({ handler }) => handler === "late")).toMatchObject({
      state: "skipped",
      last_error: "erased",
    });
  });

  it("waits for running deliveries, and erases their results", async () => {
    const { db } = database;
    const id = await arrive(uploadOf(assetId, publicId, { context: { custom: { sku: "SKU-1" } } }), origin);
    const started = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const real = pim();
    const slow: Handler = {
      name: "pim",
      async handle(...all) {
        started.resolve();
        await go.promise;
        return await real.handle(...all);
      },
    };
    const working = work(db, [slow]);
    await started.promise;
    const waiting = await progressOf(
      await ask("/api/erasures", { body: { asset: assetId, reason: "request" } }),
    );
    expect(waiting).toMatchObject({ finished: false, erased: 0, left: 1, running: 1 });
    go.resolve();
    await working;
    expect(await tablesWith(db, assetId)).toEqual(expect.arrayContaining(["pim_asset"]));
    // Whoever asked has gone: the sweep goes on.
    const swept = await invoke(
      sweepFunction,
      new Request(`${origin}/.netlify/functions/sweep`, { method: "POST" }),
    );
    expect(await swept.json()).toMatchObject({ erased: 1 });
    expect(await tablesWith(db, assetId)).toEqual([]);
    expect(await tablesWith(db, publicId)).toEqual([]);
    expect((await deliveriesOf(db, id)).map(({ state }) => state)).toContain("done");
    expect((await db.query("select from erasures where finished_at is not null")).rowCount).toBe(1);
  });

  it("erases an asset among thousands in one body, also while they are not listed yet", async () => {
    const { db } = database;
    const marker = "zq9bulk";
    const resources = Array.from({ length: 2_000 }, (_, n) => ({
      resource_type: "image",
      type: "upload",
      asset_id: n === 1_500 ? `${marker}asset` : n.toString(16).padStart(32, "0"),
      public_id: n === 1_500 ? `${marker}/name` : `shelf/${n}`,
      version: 1_760_000_000,
    }));
    const bulk = () =>
      arrive({ notification_type: "delete", timestamp: new Date().toISOString(), resources }, origin);
    await bulk();
    const first = await progressOf(
      await ask("/api/erasures", { body: { asset: `${marker}/name`, reason: "request 4711" } }),
    );
    // One that comes before the erasure is finished.
    await bulk();
    expect((await carriedOn(first)).last.finished).toBe(true);
    expect(await tablesWith(db, marker)).toEqual(first.finished ? ["notifications"] : []);
    if (first.finished) await forget({ asset: `${marker}/name` });
    expect(await tablesWith(db, marker)).toEqual([]);

    // An erasure does not end while assets are not listed.
    await arrive(uploadOf(`${marker}asset`, `${marker}/name`), origin);
    const asked = await requestErasure(
      db,
      { asset: `${marker}/name`, assetPrefix: "" },
      { who: "ada", reason: "again" },
    );
    await bulk();
    const means = { parts: [], searchAgain: async () => {} };
    expect(await continueErasure(db, asked ?? "", means)).toMatchObject({ finished: false, erased: 1 });
    await listAssets(db, settings, 50_000);
    for (let calls = 0; calls < 5; calls += 1) await continueErasure(db, asked ?? "", means);
    expect(await tablesWith(db, marker)).toEqual([]);

    // What is erased by then is not listed.
    const erased = await bulk();
    await requestErasure(db, { notification: erased }, { who: "ada", reason: "again" });
    for (const { id } of (await db.query<{ id: string }>("select id from erasures where finished_at is null"))
      .rows)
      await continueErasure(db, id, means);
    expect(await listAssets(db, settings, 50_000)).toEqual({ complete: true, any: true });
    expect(await tablesWith(db, marker)).toEqual([]);
  });

  it("erases a single notification on request", async () => {
    const { db } = database;
    const first = await arrive({ notification_type: "all", note: "jane@example.com" }, origin);
    const second = await arrive(uploadOf(assetId, publicId), origin);
    const { last } = await forget({ notification: first });
    expect(last).toMatchObject({ finished: true, counts: { notifications: 1 } });
    const { rows } = await db.query(
      "select id, erased_at is not null as erased from notifications order by received_at",
    );
    expect(rows).toEqual([
      { id: first, erased: true },
      { id: second, erased: false },
    ]);
    expect((await ask("/api/erasures", { body: { notification: first, reason: "again" } })).status).toBe(409);
  });
});

describe("on PostgreSQL", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await realDatabase();
  });
  afterAll(() => database.drop());
  beforeEach(() => configured(database.url, { OPERATOR_TOKEN: operatorToken }));
  afterEach(() => vi.unstubAllEnvs());

  it("erases an asset with 1,000 notifications in batches, while workers claim and settle them", async () => {
    const { db } = database;
    await db.query(
      `with n as (
         insert into notifications (identity, body_sha256, type, asset_id, public_id, version, body)
         select 'i' || i, '', 'upload', $1, $2, i, convert_to($3, 'utf8') from generate_series(1, 1000) i returning id
       )
       insert into deliveries (notification_id, handler) select id, 'slow' from n`,
      [assetId, publicId, JSON.stringify(uploadOf(assetId, publicId))],
    );
    const bystander = await arrive(uploadOf(otherId, "garden/hose"), origin);
    const seen: number[] = [];
    const begun = Promise.withResolvers<void>();
    const erasing = Promise.withResolvers<void>();
    const slow = scripted("slow", async ({ content }) => {
      seen.push(JSON.stringify(content).length);
      begun.resolve();
      // They leave some to the erasure, however late it begins.
      if (seen.length > 50) await erasing.promise;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { kind: "done", result: { publicId: String(publicId) } };
    });
    const workers = [work(db, [slow]), work(db, [slow]), work(db, [slow])];
    await begun.promise;
    const body = { asset: assetId, reason: "request 4711" };
    const first = await progressOf(await ask("/api/erasures", { body }));
    erasing.resolve();
    const { last, calls } = await carriedOn(first);
    await Promise.all(workers);
    expect(last).toMatchObject({ finished: true, counts: { notifications: 1_000, deliveries: 1_000 } });
    expect(calls).toBeGreaterThanOrEqual(5);
    expect(await tablesWith(db, publicId)).toEqual([]);
    expect(await tablesWith(db, assetId)).toEqual([]);
    // No worker was given a body that is gone.
    expect(Math.min(...seen, 1_000)).toBeGreaterThan(100);
    const { rows } = await db.query(
      "select state, count(*)::int as n from deliveries where handler = 'slow' group by 1 order by 1",
    );
    expect(rows.map(({ state }) => state)).toEqual(["done", "skipped"]);
    const { rows: others } = await db.query("select erased_at from notifications where id = $1::uuid", [
      bystander,
    ]);
    expect(others).toEqual([{ erased_at: null }]);
  });

  it("two concurrent erasures erase it once", async () => {
    const { db } = database;
    await db.query("truncate notifications, erasures cascade");
    await db.query(
      `insert into notifications (identity, body_sha256, type, asset_id, public_id, body)
       select 'j' || i, '', 'upload', $1, $2, '{}' from generate_series(1, 500) i`,
      [assetId, publicId],
    );
    // Both are recorded before either erases, however slow this machine is.
    const acting = { who: "ada", reason: "request 4711" };
    const ids = await Promise.all(
      [assetId, publicId].map((asset) => requestErasure(db, { asset, assetPrefix: "" }, acting)),
    );
    const ends = await Promise.all(ids.map(async (id) => await carriedOn(await carryOn(String(id)))));
    expect(ends.every(({ last }) => last.finished)).toBe(true);
    const counts = ends.map(({ last }) => last.counts.notifications ?? 0);
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(500);
  });
});
