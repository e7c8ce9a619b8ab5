import { readdir, readFile } from "node:fs/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { inventedAsset } from "../../../src/cli/simulate/asset.ts";
import { bodyOf } from "../../../src/cli/simulate/bodies.ts";
import { countDrift } from "../../../src/lib/drift/count-drift.ts";
import { findDrift } from "../../../src/lib/drift/find-drift.ts";
import { sampleOf } from "../../../src/lib/drift/sample.ts";
import { notificationTypes } from "../../../src/lib/notifications/types.ts";
import { settings } from "../../../src/settings.ts";
import { ask } from "../../console/operator.ts";
import { operatorToken } from "../../console/tokens.ts";
import { uploadBody } from "../../support/bodies.ts";
import { configured } from "../../support/environment.ts";
import { fc } from "../../support/fast-check.ts";
import { invoke } from "../../support/invoke.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { signedRequest } from "../../support/signed-request.ts";

const inBody = (body: object, latest: Date | null = null) =>
  findDrift(Buffer.from(JSON.stringify(body)), latest).map(
    ({ kind, type, path, sample }) => `${kind} ${type}: ${path} ${sample}`,
  );

describe("what is found", () => {
  it("nothing in the bodies that Cloudinary documents, nor in simulated ones", async () => {
    const folders = ["notifications", "deck"].map(
      (name) => new URL(`../../fixtures/${name}/`, import.meta.url),
    );
    let files = 0;
    for (const folder of folders)
      for (const name of (await readdir(folder)).filter((one) => one.endsWith(".json"))) {
        files += 1;
        expect([name, findDrift(await readFile(new URL(name, folder)), new Date())]).toEqual([name, []]);
      }
    expect(files).toBeGreaterThan(45);
    const now = new Date();
    const asset = inventedAsset({ cloudName: "demo", publicId: "products/VASE-1/main", now });
    for (const type of notificationTypes)
      expect([type, inBody(bodyOf(type, { asset, apiKey: "1", now, isPending: true }))]).toEqual([type, []]);
  });

  it("unknown types and fields, and tolerated values, by path and without content", () => {
    expect(inBody({ notification_type: "asset_licensed", by: "Ada" })).toEqual([
      'type asset_licensed: notification_type "asset_licensed"',
    ]);
    const body = uploadBody({
      owner: "Ada Lovelace <ada@example.com>",
      licence: { holder: "Ada" },
      regions: ["Ada", "Grace"],
      resource_type: "hologram",
      version: "1760000123",
      created_at: "yesterday, 9 o'clock",
      request_id: 4_711,
      moderation: [{ kind: "manual", status: "escalated", score: 0.75 }],
      eager: [{ status: "paused", speed: null }],
    });
    expect(inBody(body).toSorted()).toEqual([
      "field upload: eager[].speed null",
      "field upload: licence {1 field}",
      "field upload: moderation[].score 0.00",
      'field upload: owner "Xxx Xxxxxxxx ?xxx@xxxxxxx.xxx?"',
      'field upload: regions [2: "Xxx"]',
      'value upload: created_at "xxxxxxxxx, 0 x?xxxxx"',
      'value upload: eager[].status "paused"',
      'value upload: moderation[].status "escalated"',
      "value upload: request_id 0000",
      'value upload: resource_type "hologram"',
      'value upload: version "0000000000"',
    ]);
  });

  it("values because of which a body is rejected, and values that are later than the signature", () => {
    expect(inBody({ notification_type: "upload", resource_type: "image", public_id: ["ada"] })).toEqual([
      'schema upload: public_id [1: "xxx"]',
    ]);
    const late = uploadBody({ timestamp: "2099-01-01T00:00:00Z", version: 9_000_000_000 });
    expect(inBody(late, new Date("2026-01-01T00:00:00Z"))).toEqual(
      expect.arrayContaining([
        "value upload: timestamp later than its signature",
        "value upload: version later than its signature",
      ]),
    );
  });

  it("public ids and metadata are in no path and in no sample", () => {
    const tags = { notification_type: "resource_tags_changed" };
    const keyed = { "people/ada": { added: 5 }, ada: { removed: "Ada" }, grace: { added: [], by: "Grace" } };
    expect(inBody({ ...tags, resources: keyed })).toEqual([
      "schema resource_tags_changed: resources[].added 0",
      'schema resource_tags_changed: resources[].removed "Xxx"',
    ]);
    expect(inBody({ ...tags, resources: { grace: keyed.grace } })).toEqual([
      'field resource_tags_changed: resources[].by "Xxxxx"',
    ]);
    const free = { context: { custom: { ada: "Ada" } }, metadata: { ada: ["Ada"] }, "Ada L.": 1 };
    expect(inBody(uploadBody(free))).toEqual(["field upload: Xxx X. 0"]);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
        expect(sampleOf(text)).toMatch(/^"[xX0 .,:;_/@#?&=%+()[\]{}|*-]{0,200}…?"$/u);
      }),
    );
  });
});

describe("what is counted", () => {
  const receiver = ownReceiver();
  beforeEach(async () => {
    configured(receiver.database.url, { OPERATOR_TOKEN: operatorToken });
    await receiver.database.db.query("delete from notifications");
    await receiver.database.db.query("delete from drift_findings");
    await receiver.database.db.query("update drift_progress set at = now() - interval '1 hour'");
  });

  async function arrive(...bodies: object[]): Promise<string> {
    let id = "";
    for (const body of bodies) {
      const response = await invoke(notification, signedRequest(body, { origin: receiver.site.origin }));
      ({ id } = (await response.json()) as { id: string });
    }
    // As if the time had passed in which an earlier one can still appear.
    await receiver.database.db.query(
      "update notifications set received_at = received_at - interval '1 minute'",
    );
    return id;
  }
  const runSweep = () => invoke(sweep, new Request(new URL("/", receiver.site.origin), { method: "POST" }));
  const counted = async () =>
    ((await (await ask("/api/drift")).json()) as { drift: Record<string, unknown>[] }).drift;

  it("each notification once, whatever its handlers do and however many workers there are, with its newest id", async () => {
    const lines = vi.spyOn(console, "warn").mockImplementation(() => {});
    const body = uploadBody({ licence: "Ada" });
    await arrive(body, body);
    await runSweep();
    await runSweep();
    expect(await counted()).toMatchObject([{ kind: "field", path: "licence", sample: '"Xxx"', count: 1 }]);
    const id = await arrive(uploadBody({ licence: 7 }), uploadBody({ licence: 8 }));
    const options = { settings, budgetMs: 50_000 };
    const { db } = receiver.database;
    await Promise.all([countDrift(db, options), countDrift(db, options), countDrift(db, options)]);
    expect(await counted()).toMatchObject([
      { type: "upload", path: "licence", sample: '"Xxx"', count: 3, notificationId: id },
    ]);
    const told = lines.mock.calls.filter(([line]) => String(line).includes("no schema knows"));
    expect(told).toHaveLength(1);
    lines.mockRestore();
  });

  it("unknown types, which no handler gets", async () => {
    await arrive({ notification_type: "asset_licensed", timestamp: "2026-01-01T00:00:00Z" });
    await runSweep();
    expect(await counted()).toMatchObject([{ kind: "type", type: "asset_licensed", count: 1 }]);
  });

  it("at most 200 of a kind, and the others still count", async () => {
    const many = Array.from({ length: 30 }, (_, n) =>
      uploadBody(Object.fromEntries(Array.from({ length: 40 }, (__, m) => [`field_${n}_${m}`, m]))),
    );
    await arrive(...many, { notification_type: "asset_licensed", timestamp: "2026-01-01T00:00:00Z" });
    await runSweep();
    const found = await counted();
    expect(found.filter(({ kind }) => kind === "field")).toHaveLength(200);
    expect(found.filter(({ kind }) => kind === "type")).toHaveLength(1);
  });
});
