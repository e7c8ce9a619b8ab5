import type { Asset } from "../../lib/notifications/notification.ts";
import { own } from "../../lib/shared/own.ts";
import type { PimSettings, SkuSource } from "../../settings.types.ts";
import type { Claim, Instant } from "./facts.ts";
import { matchPattern } from "./pattern.ts";

/** The key under which claims are stored and ranked. It changes with the key, prefix or pattern in the settings. */
export function sourceName(source: SkuSource): string {
  switch (source.kind) {
    case "metadata":
    case "context":
      return `${source.kind}:${source.sku}`;
    case "tag":
      return `tag:${source.prefix}`;
    case "public-id":
    case "folder":
    case "display-name":
      return `${source.kind}:${source.pattern}`;
    default:
      return source satisfies never;
  }
}

type KeyedSource = Extract<SkuSource, { kind: "metadata" | "context" }>;
type PatternSource = Extract<SkuSource, { pattern: string }>;

const fields = ["sku", "role", "position", "alt"] as const;

/** Longer values are treated as mistakes, such as a description in the wrong field. */
const maxLengths = { sku: 128, role: 64, position: 9, alt: 1_000 };

/** Reads claims from notification data, for one time and one set of settings. */
export function claimsAt(at: Instant, settings: PimSettings) {
  return {
    /** Values by key. An absent key changes nothing; an empty value means "none". */
    values(kind: KeyedSource["kind"], values: Readonly<Record<string, unknown>>): Claim[] {
      return settings.sources.flatMap((source) => {
        if (source.kind !== kind) return [];
        return fields.flatMap((field) => {
          const key = source[field];
          const value = key === undefined ? undefined : own(values, key);
          return value === undefined ? [] : answer(field, sourceName(source), texts(value));
        });
      });
    },

    /** The complete list of tags: tags that are not in it were removed. */
    tags(tags: readonly string[]): Claim[] {
      return tagSources().flatMap(({ name, prefix }) => [
        { field: "sku", source: name, value: null, at },
        ...skusOf(tags, prefix).map((sku) => element(name, sku, sku)),
      ]);
    },

    /** Added and removed tags; others are unchanged. */
    tagChange(added: readonly string[], removed: readonly string[]): Claim[] {
      return tagSources().flatMap(({ name, prefix }) => {
        const kept = skusOf(added, prefix);
        const gone = skusOf(removed, prefix).filter((sku) => !kept.includes(sku));
        return [
          ...kept.map((sku) => element(name, sku, sku)),
          ...gone.map((sku) => element(name, sku, null)),
        ];
      });
    },

    /** The matches of the patterns in a public id, a folder or a display name. */
    pattern(kind: PatternSource["kind"], text: string): Claim[] {
      return settings.sources.flatMap((source) => {
        if (source.kind !== kind) return [];
        const groups = matchPattern(source.pattern, text);
        return fields.flatMap((field) => answer(field, sourceName(source), texts(groups?.[field])));
      });
    },
  };

  function tagSources() {
    return settings.sources.flatMap((source) =>
      source.kind === "tag" ? [{ name: sourceName(source), prefix: source.prefix }] : [],
    );
  }

  function skusOf(tags: readonly string[], prefix: string): string[] {
    const found = tags
      .filter((tag) => tag.startsWith(prefix))
      .map((tag) => clean("sku", tag.slice(prefix.length)));
    return distinct(found);
  }

  /** A single value, or none, is stored for the source. Several SKUs are stored side by side, which is a conflict. */
  function answer(field: Claim["field"], source: string, given: readonly string[]): Claim[] {
    const values = distinct(given.map((text) => clean(field, text)));
    const [first = null] = values;
    if (field !== "sku" || values.length < 2) return [{ field, source, value: first, at }];
    return [{ field, source, value: null, at }, ...values.map((value) => element(source, value, value))];
  }

  function element(source: string, sku: string, value: string | null): Claim {
    return { field: "sku", source, element: sku, value, at };
  }

  function clean(field: Claim["field"], text: string): string | null {
    const trimmed = text.trim();
    if (trimmed === "" || trimmed.length > maxLengths[field]) return null;
    if (field === "position" && !/^[0-9]+$/.test(trimmed)) return null;
    return field === "sku" && settings.upperCase ? trimmed.toUpperCase() : trimmed;
  }
}

/** All claims in the fields of the asset itself. */
export function claimsOfAsset(
  asset: Asset,
  instants: { at: Instant; namedAt: Instant },
  settings: PimSettings,
): Claim[] {
  const now = claimsAt(instants.at, settings);
  const named = claimsAt(instants.namedAt, settings);
  return [
    ...(asset.metadata === undefined ? [] : now.values("metadata", asset.metadata)),
    ...(asset.context === undefined ? [] : now.values("context", asset.context)),
    ...(asset.tags === undefined ? [] : now.tags(asset.tags)),
    ...(asset.public_id === undefined ? [] : named.pattern("public-id", asset.public_id)),
    ...(asset.asset_folder === undefined ? [] : named.pattern("folder", asset.asset_folder)),
    ...(asset.display_name === undefined ? [] : named.pattern("display-name", asset.display_name)),
  ];
}

/** Deeper than any field of Cloudinary: a list of entries has two levels. */
const deepest = 8;

/** The texts in a field value: a string, a number, a list of them, or entries of a list field. */
function texts(value: unknown, depth = 0): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "boolean") return [String(value)];
  if (typeof value !== "object" || value === null || depth === deepest) return [];
  if (Array.isArray(value)) return value.flatMap((item) => texts(item, depth + 1));
  if ("value" in value) return texts(value.value, depth + 1);
  return "external_id" in value ? texts(value.external_id, depth + 1) : [];
}

function distinct(values: readonly (string | null)[]): string[] {
  return [...new Set(values.filter((value) => value !== null))];
}
