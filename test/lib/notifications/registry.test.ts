import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Entries, registry } from "../../../src/lib/notifications/registry.ts";
import { notificationsPage, target } from "../../../src/lib/notifications/table.build.ts";
import {
  isNotificationType,
  type NotificationType,
  notificationTypes,
} from "../../../src/lib/notifications/types.ts";
import { settings } from "../../../src/settings.ts";
import { fixtureSources, fixtures } from "./fixtures.ts";

/** Types that no handler gets as the project comes: recorded and shown, nothing more. */
const recordedOnly: ReadonlySet<NotificationType> = new Set([
  "access_control_changed",
  "all",
  "analyze",
  "bulk_refresh_auto_fetch",
  "create_folder",
  "delete_folder",
  "explode",
  "generate_archive",
  "invalidate_custom_cdn",
  "move",
  "move_or_rename_asset_folder",
  "multi",
  "proof_status_changed",
  "publish",
  "related_assets",
  "report",
  "resource_display_name_changed",
  "restore_asset_version",
  "sprite",
]);

/** Cloudinary's published list of event types (its API description, 28), as it stands there. */
const official =
  `all access_control_changed bulk_refresh_auto_fetch create_folder delete delete_by_token delete_folder
  eager error explode generate_archive info invalidate_custom_cdn moderation moderation_summary move
  move_or_rename_asset_folder multi publish rename report resource_context_changed
  resource_display_name_changed resource_metadata_changed resource_tags_changed
  restore_asset_version sprite upload`.split(/\s+/);

describe("the registry of types", () => {
  it("has Cloudinary's 28 types and three that it sends without listing them", () => {
    expect(official).toHaveLength(28);
    expect(new Set(notificationTypes)).toEqual(
      new Set([...official, "related_assets", "proof_status_changed", "analyze"]),
    );
  });

  it("does not compile without an entry for each type, nor with the entry of another", () => {
    const { upload: _, ...rest } = registry;
    // @ts-expect-error: `upload` has no schema.
    rest satisfies Entries;
    // @ts-expect-error: `upload` has the schema of `eager`.
    ({ ...registry, upload: registry.eager }) satisfies Entries;
    expect(registry satisfies Entries).toBeDefined();
  });

  it.each(notificationTypes)("%s accepts only bodies of its own type", (type) => {
    expect(registry[type].check({ notification_type: "other" })).toMatchObject({
      ok: false,
      issues: expect.arrayContaining([expect.objectContaining({ path: "notification_type" })]),
    });
  });

  it.each(notificationTypes)("%s has a fixture", (type) => {
    expect(fixtures().map((fixture) => fixture.type)).toContain(type);
  });

  it.each(notificationTypes)("%s is routed to handlers, or is listed as only recorded", (type) => {
    const decided = Object.hasOwn(settings.routes, type) || recordedOnly.has(type);
    expect(decided, `Give ${type} an entry in settings.routes (an empty list will do).`).toBe(true);
  });

  it("contains every type in the routes of the settings", () => {
    const strangers = Object.keys(settings.routes).filter((type) => !isNotificationType(type));
    expect(strangers.filter((type) => !["custom", "unreadable"].includes(type))).toEqual([]);
  });

  it("matches docs/notifications.md", () => {
    expect(readFileSync(target, "utf8"), "Run `npm run generate`.").toBe(notificationsPage());
  });
});

describe("each fixture", () => {
  it.each(fixtures())("$name has a source in the README", ({ name }) => {
    expect(fixtureSources().get(name)).toMatch(/\w{3}/);
  });

  it("exists for each line of the README", () => {
    expect([...fixtureSources().keys()].sort()).toEqual(
      fixtures()
        .map(({ name }) => name)
        .sort(),
    );
  });
});

describe("zod", () => {
  const source = new URL("../../../src/", import.meta.url);

  /** Packages that a file loads at start, by way of the files it imports; types do not load. */
  function loaded(file: URL, seen = new Set<string>()): Set<string> {
    if (seen.has(file.href) || !existsSync(file)) return seen;
    seen.add(file.href);
    const text = readFileSync(file, "utf8");
    for (const [, clause = "", from = ""] of text.matchAll(
      /^(?:import|export)\s+([^"';]*?from\s+)?"([^"]+)"/gm,
    )) {
      if (clause.startsWith("type ")) continue;
      if (from.startsWith(".")) loaded(new URL(from, file), seen);
      else seen.add(from);
    }
    return seen;
  }

  it("is loaded for parsing, but not for receiving or splitting URLs", () => {
    expect(loaded(new URL("lib/notifications/parse.ts", source))).toContain("zod");
    for (const light of [
      "lib/receive/receive.ts",
      "lib/receive/envelope.ts",
      "lib/notifications/types.ts",
      "lib/cloudinary/delivery-url.ts",
      "lib/shared/json.ts",
    ]) {
      const all = loaded(new URL(light, source));
      expect(all.size).toBeGreaterThan(0);
      expect(all).not.toContain("zod");
    }
  });
});
