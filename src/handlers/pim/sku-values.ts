import type { PimSettings, SkuSource } from "../../settings.types.ts";
import type { Claim, Instant } from "./facts.ts";
import { matchPattern } from "./pattern.ts";

/** A source whose values are SKUs, or texts that its pattern reads. */
interface ValueSource {
  name: string;
  pattern: string | undefined;
}

/** Longer values are treated as mistakes, such as a description in the wrong field. */
const maxLengths = { sku: 128, role: 64, position: 9, alt: 1_000, gate: 256 };
/** An element is part of an index key, which Postgres limits. */
const maxElementLength = 256;

/** What people type between SKUs in one field. */
const separators = /[,;|，、\n\r\t]/;

/** The value as it is stored, or null if it is not valid for the field. SKUs and roles are compared, so they are in NFC. */
export function clean(field: Claim["field"], text: string, { upperCase }: PimSettings): string | null {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > maxLengths[field]) return null;
  if (field === "position" && !/^[0-9]+$/.test(trimmed)) return null;
  if (field === "alt") return trimmed;
  return (field === "sku" && upperCase ? trimmed.toUpperCase() : trimmed).normalize("NFC");
}

/** A complete answer of a source: its SKUs, or none. What it does not repeat no longer applies. */
export function skuAnswer(
  source: ValueSource,
  values: readonly string[],
  at: Instant,
  settings: PimSettings,
): Claim[] {
  const claims = skuElements(source, values, at, settings);
  const [first, ...more] = claims;
  const none: Claim = { field: "sku", source: source.name, value: null, at };
  if (first === undefined) return [none];
  if (more.length > 0 || source.pattern !== undefined) return [none, ...claims];
  const { element: _, ...single } = first;
  return [single];
}

/** The SKUs in the values, each stored as an element of the source, with the role and position that its text gives it. */
export function skuElements(
  source: ValueSource,
  values: readonly string[],
  at: Instant,
  settings: PimSettings,
): Claim[] {
  const claims = values.flatMap((value) => claimsIn(source, value, at, settings));
  const byKey = new Map(claims.map((claim) => [JSON.stringify([claim.field, claim.element]), claim]));
  return [...byKey.values()];
}

function claimsIn(source: ValueSource, value: string, at: Instant, settings: PimSettings): Claim[] {
  const pieces = value.split(separators).filter((piece) => piece.trim() !== "");
  if (settings.skuLists === "keep") return claimsOfOne(source, value, at, settings);
  if (settings.skuLists === "split" || pieces.length < 2)
    return pieces.flatMap((piece) => claimsOfOne(source, piece, at, settings));
  const text = shortened(value.trim().normalize("NFC"));
  return [{ field: "sku", source: source.name, element: text, value: text, at, isList: true }];
}

function claimsOfOne(
  { name, pattern }: ValueSource,
  text: string,
  at: Instant,
  settings: PimSettings,
): Claim[] {
  if (pattern === undefined) {
    const sku = clean("sku", text, settings);
    return sku === null ? [] : [{ field: "sku", source: name, element: sku, value: sku, at }];
  }
  const element = elementOf(text);
  const groups = matchPattern(pattern, element);
  const sku = clean("sku", groups?.sku ?? "", settings);
  if (sku === null || element.length > maxElementLength) return [];
  const of = (field: "role" | "position" | "alt"): Claim => ({
    field,
    source: name,
    element,
    value: clean(field, groups?.[field] ?? "", settings),
    at,
  });
  return [{ field: "sku", source: name, element, value: sku, at }, of("role"), of("position"), of("alt")];
}

/** Where a source reads its values with a pattern, the text as a whole tells two of them apart. */
function elementOf(text: string): string {
  return text.trim().normalize("NFC");
}

function shortened(text: string): string {
  return text.length <= maxLengths.sku ? text : `${text.slice(0, maxLengths.sku - 1)}…`;
}

export type PatternSource = Extract<SkuSource, { kind: "public-id" | "folder" | "display-name" }>;

/** `_` and six random characters, which Cloudinary adds to file names. */
const uniqueSuffix = /_[a-z0-9]{6}$/;

/** The groups of the source's pattern; where it finds no role, those of the name without its unique suffix. */
export function groupsIn(
  { kind, pattern }: PatternSource,
  text: string,
  { uniqueSuffixes }: PimSettings,
): Record<string, string | undefined> | null {
  const composed = text.normalize("NFC");
  const groups = matchPattern(pattern, composed);
  if (!uniqueSuffixes || kind === "folder" || groups?.role !== undefined || !uniqueSuffix.test(composed))
    return groups;
  const plain = matchPattern(pattern, composed.replace(uniqueSuffix, ""));
  return plain?.role !== undefined && (groups === null || plain.sku === groups.sku) ? plain : groups;
}
