import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { envelope } from "../../../src/lib/receive/envelope.ts";
import { fc } from "../../support/fast-check.ts";
import { bytesOf, fixtureJson, fixtures, parsed } from "./fixtures.ts";

const text = (body: Uint8Array) => Buffer.from(body).toString("utf8");

/** Own keys only, `__proto__` among them: what `toEqual` passes over. */
function listing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(listing);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([key, item]) => [key, listing(item)]);
}

describe("the fixtures", () => {
  it.each(fixtures())("$name parses to its type without data loss", ({ type, bytes }) => {
    const notification = parsed(bytes);
    expect(notification.type).toBe(type);
    if (!("body" in notification)) throw new Error("has no body");
    expect(listing(notification.body)).toEqual(listing(JSON.parse(text(bytes))));
  });

  it.each(fixtures())("$name is recorded under the type that it parses to", ({ bytes }) => {
    expect(envelope(bytes, "1772619631", new Date()).type).toBe(parsed(bytes).type);
  });
});

describe("a body without a type", () => {
  const words = fc.constantFrom<unknown>(undefined, null, "", "deer", 7);
  const body = fc.record({
    notification_type: fc.constantFrom<unknown>(undefined, "", null, 4),
    public_id: words,
    resource_type: words,
    version: fc.constantFrom<unknown>(
      undefined,
      0,
      5,
      -1,
      1.5,
      "17",
      "9007199254740991",
      "9007199254740993",
      "x",
      "",
    ),
  });

  it("is recorded under the type that it parses to, or whose schema it does not match", () => {
    const types = new Set<string>();
    fc.assert(
      fc.property(body, (json) => {
        const result = parse(bytesOf(json), null);
        const type = result.ok ? result.notification.type : "upload";
        types.add(type);
        expect(envelope(bytesOf(json), "1", new Date()).type).toBe(type);
      }),
      { numRuns: 3_000 },
    );
    expect(types).toEqual(new Set(["upload", "custom"]));
  });
});

const captures = new URL("../../../../shared/payloads/", import.meta.url);

describe.skipIf(!existsSync(captures))(
  "captured and documented bodies (skipped where their folder is absent)",
  () => {
    const files = existsSync(captures)
      ? readdirSync(captures).filter((file) => /^\w+\.\d+\.json$/.test(file))
      : [];

    it.each(files)("%s parses to its type without data loss", (file) => {
      const bytes = readFileSync(new URL(file, captures));
      const notification = parsed(bytes);
      expect(notification.type).toBe(file.split(".")[0]);
      if (!("body" in notification)) throw new Error("has no body");
      expect(listing(notification.body)).toEqual(listing(JSON.parse(text(bytes))));
      expect(notification.assets[0]?.identity).toMatch(/^[0-9a-f]{32}$/);
    });
  },
);

describe("bodies that are not standard notifications", () => {
  it.each([
    ["an empty body", "", "empty"],
    ["a text that is not JSON", "upload=1", "not-json"],
    ["JSON cut off", '{"notification_type":"upl', "not-json"],
    ["JSON after a byte order mark", '\u{feff}{"notification_type":"all"}', "byte-order-mark"],
    ["null", "null", "not-an-object"],
    ["an array", '[{"notification_type":"all"}]', "not-an-object"],
    ["a string", '"upload"', "not-an-object"],
    ["a number", "12", "not-an-object"],
  ])("X2 says why %s is unreadable", (_, body, reason) => {
    expect(parse(Buffer.from(body), null)).toEqual({
      ok: true,
      notification: { type: "unreadable", reason, assets: [] },
    });
  });

  it("X1 reports invalid UTF-8 as unreadable", () => {
    const body = Buffer.from('{"notification_type":"all","name":"caf\xe9"}', "latin1");
    expect(parsed(body)).toEqual({ type: "unreadable", reason: "not-utf-8", assets: [] });
    expect(parsed(Buffer.from('{"notification_type":"all","name":"café"}')).type).toBe("all");
  });

  it("X8 keeps the name and body of an unknown type", () => {
    const body = { notification_type: "hologram_ready", public_id: "deer", depth: 3 };
    expect(parsed(bytesOf(body))).toEqual({ type: "unknown", name: "hologram_ready", body, assets: [] });
  });

  it("X8 does not treat the name of an object's method as a known type", () => {
    expect(parsed(bytesOf({ notification_type: "constructor" }))).toMatchObject({
      type: "unknown",
      name: "constructor",
    });
    expect(parsed(bytesOf({ notification_type: "__proto__" }))).toMatchObject({
      type: "unknown",
      name: "__proto__",
    });
  });

  it.each([
    ["of the team's own making", { what: "{{event}}", asset: { id: "1" } }],
    ["with an empty type", { notification_type: "", public_id: "deer" }],
    ["with a type that is no text", { notification_type: { event: "upload" } }],
    ["that looks like half an upload", { public_id: "deer", version: 3 }],
    ["without anything", {}],
  ])("X16 takes an object %s for a payload template's body, not for a broken one", (_, body) => {
    expect(parsed(bytesOf(body))).toEqual({ type: "custom", body, assets: [] });
    expect(envelope(bytesOf(body), "1", new Date()).type).toBe("custom");
  });
});

describe("a body that does not match the schema of its type", () => {
  const upload = fixtureJson("upload");

  it("X9 keeps unknown fields at every level", () => {
    const body = {
      ...upload,
      hologram: { depth: 3 },
      notification_context: { ...upload.notification_context, region: "eu" },
    };
    expect(parsed(bytesOf(body))).toMatchObject({ type: "upload", body });
  });

  it.each([
    ["missing", { ...upload, public_id: undefined }, "public_id"],
    ["of the wrong type", { ...upload, public_id: 7 }, "public_id"],
    ["null where it must be a text", { ...upload, resource_type: null }, "resource_type"],
    [
      "wrong inside a list",
      { ...upload, moderation: [{ kind: "manual", status: "approved" }, { kind: "manual" }] },
      "moderation[1].status",
    ],
    [
      "wrong inside the context",
      { ...upload, notification_context: { triggered_by: { source: 4 } } },
      "notification_context.triggered_by.source",
    ],
    ["a negative version", { ...upload, version: -1 }, "version"],
    ["metadata that is a number", { ...upload, metadata: 5 }, "metadata"],
  ])("X10 names the path of a field that is %s", (_, body, path) => {
    const result = parse(bytesOf(body), null);
    expect(result).toMatchObject({ ok: false, issues: [{ path, message: expect.stringMatching(/\w/) }] });
  });

  it("X10 names the asset with the invalid field among many, in either form of `resources`", () => {
    const list = {
      notification_type: "delete",
      resources: [{ public_id: "a" }, { public_id: "b", version: "soon" }],
    };
    expect(parse(bytesOf(list), null)).toMatchObject({
      ok: false,
      issues: [{ path: "resources[1].version" }],
    });
    const map = { notification_type: "move", resources: { "a/b.c": { to_asset_folder: 4 } } };
    expect(parse(bytesOf(map), null)).toMatchObject({
      ok: false,
      issues: [{ path: 'resources["a/b.c"].to_asset_folder' }],
    });
    expect(parse(bytesOf({ notification_type: "delete" }), null)).toMatchObject({
      ok: false,
      issues: [{ path: "resources" }],
    });
  });

  it("X10 lists at most twenty of a thousand errors", () => {
    const body = {
      notification_type: "delete",
      resources: Array.from({ length: 1_000 }, () => ({ version: "soon" })),
    };
    const result = parse(bytesOf(body), null);
    expect(result.ok ? [] : result.issues).toHaveLength(20);
  });
});
