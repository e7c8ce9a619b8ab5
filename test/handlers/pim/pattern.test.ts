import { describe, expect, it } from "vitest";
import { sourceName } from "../../../src/handlers/pim/claims.ts";
import { matchPattern, PatternTooSlow } from "../../../src/handlers/pim/pattern.ts";
import { settings } from "../../../src/settings.ts";
import { fc } from "../../support/fast-check.ts";

const patterns = settings.pim.sources.flatMap((source) => ("pattern" in source ? [source.pattern] : []));

describe("the patterns of the settings", () => {
  it.each(patterns)("%s is fast for any public id", (pattern) => {
    const piece = fc.constantFrom(
      "products/",
      "/",
      "main",
      "main-",
      "1",
      "-",
      "a",
      "ü",
      " ",
      "\n",
      "products/a/gallery-",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 100 }), fc.integer({ min: 1, max: 60 }), (pieces, times) => {
        const text = pieces.join("").repeat(times).slice(0, 512);
        matchPattern(pattern, text); // Throws where it takes too long.
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    { publicId: "products/VASE-1/main", found: { sku: "VASE-1", role: "main" } },
    { publicId: "products/VASE-1/gallery-12", found: { sku: "VASE-1", role: "gallery", position: "12" } },
    { publicId: "products/VASE-1/IMG_2041", found: { sku: "VASE-1" } },
    { publicId: "products/VASE-1/details/main", found: { sku: "VASE-1" } },
    { publicId: "products/VASE-1", found: null },
    { publicId: "archive/products/VASE-1/main", found: null },
  ])("find in $publicId what it says", ({ publicId, found }) => {
    const [pattern = ""] = patterns;
    const groups = matchPattern(pattern, publicId);
    expect(
      groups && Object.fromEntries(Object.entries(groups).filter(([, value]) => value !== undefined)),
    ).toEqual(found);
  });

  it("all have different names", () => {
    const names = settings.pim.sources.map(sourceName);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("any pattern", () => {
  it.each([
    { pattern: "^(?<sku>(a+)+)$", text: `${"a".repeat(60)}!` },
    { pattern: "^(?<sku>(\\w|\\d)*)/$", text: "1".repeat(500) },
    { pattern: "(?<sku>x*)*y", text: "x".repeat(500) },
  ])("$pattern that backtracks without end is stopped", ({ pattern, text }) => {
    const startedAt = performance.now();
    expect(() => matchPattern(pattern, text)).toThrow(PatternTooSlow);
    expect(performance.now() - startedAt).toBeLessThan(30_000); // Otherwise it takes years.
    // And what comes after it works as before.
    expect(matchPattern("^(?<sku>.+)$", "VASE-1")).toEqual({ sku: "VASE-1" });
  });

  it("throws PatternInvalid for an invalid regular expression", () => {
    expect(() => matchPattern("(?<sku>", "a")).toThrow(/not a valid regular expression/);
  });

  it("does not match texts longer than any public id", () => {
    expect(matchPattern("^(?<sku>.+)$", "a".repeat(512))).not.toBeNull();
    expect(matchPattern("^(?<sku>.+)$", "a".repeat(513))).toBeNull();
  });
});
