import type { Asset } from "../../lib/notifications/notification.ts";
import { own } from "../../lib/shared/own.ts";
import type { PimSettings, SkuSource } from "../../settings.types.ts";
import type { Claim, Instant } from "./facts.ts";
import { clean, groupsIn, type PatternSource, skuAnswer, skuElements } from "./sku-values.ts";

/** The key under which claims are stored and ranked. It changes with the key, prefix or pattern in the settings. */
export function sourceName(source: SkuSource): string {
  switch (source.kind) {
    case "metadata":
    case "context":
      return withPattern(`${source.kind}:${source.sku}`, source.pattern);
    case "tag":
      return withPattern(`tag:${source.prefix}`, source.pattern);
    case "public-id":
    case "folder":
    case "display-name":
      return `${source.kind}:${source.pattern}`;
    default:
      return source satisfies never;
  }
}

function withPattern(name: string, pattern: string | undefined): string {
  return pattern === undefined ? name : `${name}:${pattern}`;
}

/** The key under which the values of the field that `gate` names are stored. */
export function gateName({ kind, key }: NonNullable<PimSettings["gate"]>): string {
  return `${kind}:${key}`;
}

type KeyedSource = Extract<SkuSource, { kind: "metadata" | "context" }>;

const fields = ["sku", "role", "position", "alt"] as const;

/** Reads claims from notification data, for one time and one set of settings. */
export function claimsAt(at: Instant, settings: PimSettings) {
  return {
    /** Values by key. An absent key changes nothing; an empty value means "none". */
    values(kind: KeyedSource["kind"], values: Readonly<Record<string, unknown>>): Claim[] {
      return [
        ...settings.sources.flatMap((source) => (source.kind === kind ? ofSource(source, values) : [])),
        ...ofGate(kind, values),
      ];
    },

    /** The complete list of tags: tags that are not in it were removed. */
    tags(tags: readonly string[]): Claim[] {
      return tagSources().flatMap((source) => [
        { field: "sku", source: source.name, value: null, at },
        ...skuElements(source, withPrefix(tags, source.prefix), at, settings),
      ]);
    },

    /** Added and removed tags; others are unchanged. */
    tagChange(added: readonly string[], removed: readonly string[]): Claim[] {
      return tagSources().flatMap((source) => {
        const kept = skuElements(source, withPrefix(added, source.prefix), at, settings);
        const elements = new Set(kept.map(({ element }) => element));
        const gone = skuElements(source, withPrefix(removed, source.prefix), at, settings)
          .filter(({ field, element }) => field === "sku" && !elements.has(element))
          .map(({ isList: _, ...claim }) => ({ ...claim, value: null }));
        return [...kept, ...gone];
      });
    },

    /** The matches of the patterns in a public id, a folder or a display name. */
    pattern(kind: PatternSource["kind"], text: string, folderMode?: Asset["folder_mode"]): Claim[] {
      return settings.sources.flatMap((source) => {
        if (source.kind !== kind) return [];
        if (source.kind === "folder" && source.mode === "dynamic" && folderMode === "fixed") return [];
        const groups = groupsIn(source, text, settings);
        return fields.flatMap((field) =>
          source.pattern.includes(`(?<${field}>`)
            ? answer(field, { name: sourceName(source) }, texts(groups?.[field]))
            : [],
        );
      });
    },
  };

  function ofSource(source: KeyedSource, values: Readonly<Record<string, unknown>>): Claim[] {
    const { pattern } = source;
    return fields.flatMap((field) => {
      const key = source[field];
      const value = key === undefined ? undefined : own(values, key);
      return value === undefined ? [] : answer(field, { name: sourceName(source), pattern }, texts(value));
    });
  }

  function ofGate(kind: KeyedSource["kind"], values: Readonly<Record<string, unknown>>): Claim[] {
    const { gate } = settings;
    const value = gate?.kind === kind ? own(values, gate.key) : undefined;
    return gate === null || value === undefined ? [] : [single("gate", gateName(gate), texts(value))];
  }

  function tagSources() {
    return settings.sources.flatMap((source) =>
      source.kind === "tag"
        ? [{ name: sourceName(source), prefix: source.prefix, pattern: source.pattern }]
        : [],
    );
  }

  function answer(
    field: (typeof fields)[number],
    { name, pattern }: { name: string; pattern?: string | undefined },
    given: readonly string[],
  ): Claim[] {
    if (field === "sku") return skuAnswer({ name, pattern }, given, at, settings);
    return [single(field, name, given)];
  }

  /** The first valid value. */
  function single(field: Claim["field"], source: string, given: readonly string[]): Claim {
    const [value = null] = given.map((text) => clean(field, text, settings)).filter((text) => text !== null);
    return { field, source, value, at };
  }
}

/** What follows the prefix in the tags that have it, in either Unicode form. */
function withPrefix(tags: readonly string[], prefix: string): string[] {
  const start = prefix.normalize("NFC");
  return tags
    .map((tag) => tag.normalize("NFC"))
    .filter((tag) => tag.startsWith(start))
    .map((tag) => tag.slice(start.length));
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
    ...(asset.asset_folder === undefined
      ? []
      : named.pattern("folder", asset.asset_folder, asset.folder_mode)),
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
