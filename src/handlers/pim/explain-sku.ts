import type { RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { PimSettings } from "../../settings.types.ts";
import { changesOf } from "./changes.ts";
import { claimsOfAsset, gateName, sourceName } from "./claims.ts";
import type { AssetFacts, Claim } from "./facts.ts";

/** What one source of the settings says about an asset. */
export interface SourceAnswer {
  source: string;
  skus: string[];
  role: string | null;
  position: number | null;
  /** `outside`: the asset is in none of the source's folders. `list`: the text looks like several SKUs. */
  outcome: "used" | "lower-priority" | "no-sku" | "not-in-body" | "outside" | "list" | "conflict";
}

export interface SkuExplanation {
  asset: string;
  products: { sku: string; role: string; position: number | null }[];
  /** In order of priority. */
  sources: SourceAnswer[];
  /** A visitor uploaded it, so that it waits for approval. */
  untrusted: boolean;
  /** The value of the field that the setting `gate` names, and whether it lets the asset onto its products; null: no gate is set. */
  gate: { field: string; value: string | null; open: boolean } | null;
}

/** The SKUs and roles that a notification gives its assets on its own, without what earlier ones said. */
export function explainNotification(
  notification: RecordedNotification,
  settings: PimSettings,
): SkuExplanation[] {
  const byAsset = Map.groupBy(changesOf(notification, settings) ?? [], ({ facts }) => facts.assetId);
  return [...byAsset.values()].flatMap((changes) => {
    const [first] = changes;
    return first === undefined ? [] : [explain(first.facts, settings)];
  });
}

/** The same for a public id alone. */
export function explainPublicId(publicId: string, settings: PimSettings): SkuExplanation {
  const at = new Date(0).toISOString();
  const claims = claimsOfAsset({ identity: publicId, public_id: publicId }, { at, namedAt: at }, settings);
  const facts = { assetId: publicId, receivedAt: new Date(0), untrusted: false };
  return explain({ ...facts, publicId: { value: publicId, at }, claims }, settings);
}

function explain(facts: AssetFacts, settings: PimSettings): SkuExplanation {
  const { publicId, claims = [] } = facts;
  const folder = facts.folder?.value || (publicId?.value.match(/^(.*)\//)?.[1] ?? "");
  const answers = settings.sources.map((source) => {
    const name = sourceName(source);
    const own = claims.filter((claim) => claim.source === name);
    const outside =
      source.within !== undefined && !source.within.some((one) => `${folder}/`.startsWith(`${one}/`));
    return { name, claims: outside ? [] : own, outside };
  });
  const winner = answers.find(({ claims: own }) => own.some(isSku));
  const found = winner?.claims.filter(isSku) ?? [];
  const skus = new Set(found.map(({ value }) => value));
  const problem = found.some(({ isList }) => isList)
    ? "list"
    : skus.size > 1 && settings.severalSkus === "conflict"
      ? "conflict"
      : null;
  const all = answers.flatMap(({ claims: own }) => own);
  const gate = gateOf(claims, settings);
  return {
    asset: publicId?.value ?? facts.assetId,
    products:
      problem !== null
        ? []
        : found.map(({ value, element, source }) => {
            const mine =
              element === undefined ? [] : all.filter((c) => c.source === source && c.element === element);
            const of = (field: Claim["field"]) =>
              valueIn(mine, field) ?? valueIn(all.filter(isGeneral), field);
            return { sku: value ?? "", role: of("role") ?? "gallery", position: numberOf(of("position")) };
          }),
    sources: answers.map((answer) => ({
      source: answer.name,
      skus: answer.claims.filter(isSku).map(({ value }) => value ?? ""),
      role: valueIn(answer.claims, "role"),
      position: numberOf(valueIn(answer.claims, "position")),
      outcome: outcomeOf(answer, answer === winner ? (problem ?? "used") : null),
    })),
    untrusted: facts.untrusted,
    gate,
  };
}

function outcomeOf(
  { claims, outside }: { claims: readonly Claim[]; outside: boolean },
  asWinner: "used" | "list" | "conflict" | null,
): SourceAnswer["outcome"] {
  if (outside) return "outside";
  if (asWinner !== null) return asWinner;
  if (claims.some(isSku)) return "lower-priority";
  return claims.length > 0 ? "no-sku" : "not-in-body";
}

function gateOf(claims: readonly Claim[], { gate }: PimSettings): SkuExplanation["gate"] {
  if (gate === null) return null;
  const field = gateName(gate);
  const value = claims.find((claim) => claim.field === "gate" && claim.source === field)?.value ?? null;
  return {
    field,
    value,
    open: value !== null && gate.values.some((wanted) => wanted.normalize("NFC") === value),
  };
}

function isSku({ field, value }: Claim): boolean {
  return field === "sku" && value !== null;
}

/** Whether it applies to all products of the asset. */
function isGeneral({ element }: Claim): boolean {
  return element === undefined;
}

function valueIn(claims: readonly Claim[], field: Claim["field"]): string | null {
  return claims.find((claim) => claim.field === field && claim.value !== null)?.value ?? null;
}

function numberOf(text: string | null): number | null {
  return text === null ? null : Number(text);
}
