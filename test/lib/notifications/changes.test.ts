import { describe, expect, it } from "vitest";
import { bytesOf, fixtureBytes, parsed, parsedAs } from "./fixtures.ts";

describe("changes", () => {
  it("contains the added and removed tags of each asset", () => {
    expect(parsedAs("resource_tags_changed", fixtureBytes("resource_tags_changed")).changes).toMatchObject([
      { asset: { public_id: "products/AB-100/front" }, added: ["hero", "sku:AB-100"], removed: ["draft"] },
      { asset: { public_id: "bg-removed/shoe" }, added: ["sku:SH-1"], removed: [] },
    ]);
  });

  it("contains the set and removed context of each asset, from lists and maps", () => {
    const [fromLists] = parsedAs(
      "resource_context_changed",
      fixtureBytes("resource_context_changed"),
    ).changes;
    expect(Object.entries(fromLists?.set ?? {})).toEqual([
      ["alt", "A jacket"],
      ["sku", "AB-101"],
    ]);
    expect(fromLists?.removed).toEqual(["caption"]);
    const [fromMaps] = parsedAs(
      "resource_context_changed",
      fixtureBytes("resource_context_changed.as-maps"),
    ).changes;
    expect(Object.entries(fromMaps?.set ?? {})).toEqual([
      ["alt", "A jacket"],
      ["__proto__", "kept"],
      ["sku", "AB-101"],
    ]);
    expect(fromMaps?.removed).toEqual(["caption"]);
  });

  it("prefers updated values over added ones", () => {
    const resources = { deer: { added: { alt: "old" }, updated: { alt: "new" } } };
    const [change] = parsedAs(
      "resource_context_changed",
      bytesOf({ notification_type: "resource_context_changed", resources }),
    ).changes;
    expect({ ...change?.set }).toEqual({ alt: "new" });
  });

  it("contains the previous and next metadata, name, access and folder of each asset", () => {
    const metadata = parsedAs("resource_metadata_changed", fixtureBytes("resource_metadata_changed")).changes;
    expect(metadata.map(({ previous, next }) => [{ ...previous }, { ...next }])).toEqual([
      [{ sku: "AB-100" }, { sku: "AB-101", season: ["aw26", "ss27"] }],
      [{}, { sku: "SH-1" }],
    ]);
    expect(
      parsedAs("resource_display_name_changed", fixtureBytes("resource_display_name_changed")).changes,
    ).toMatchObject([{ asset: { display_name: "Jacket, front" }, previous: "front", next: "Jacket, front" }]);
    expect(parsedAs("access_control_changed", fixtureBytes("access_control_changed")).changes).toMatchObject([
      {
        previous: [{ access_type: "token" }],
        next: [{ access_type: "anonymous", start: "2026-04-01T00:00:00Z" }],
      },
    ]);
    expect(parsedAs("move", fixtureBytes("move")).changes).toMatchObject([
      { asset: { asset_folder: "products/SH-1" }, previous: "bg-removed", next: "products/SH-1" },
      { asset: { asset_folder: "products/SH-1" }, previous: "clips", next: "products/SH-1" },
    ]);
    expect(parsedAs("move", fixtureBytes("move.fixed-folders")).changes).toMatchObject([
      { previous: "clips", next: "sea" },
    ]);
  });

  it("is null if the body does not contain the previous or next value", () => {
    const silent = { notification_type: "resource_metadata_changed", resources: { deer: { asset_id: "1" } } };
    expect(parsed(bytesOf(silent))).toMatchObject({ changes: [{ previous: null, next: null }] });
    const emptied = { ...silent, resources: { deer: { new_metadata: null } } };
    expect(parsed(bytesOf(emptied))).toMatchObject({ changes: [{ previous: null, next: {} }] });
  });
});
