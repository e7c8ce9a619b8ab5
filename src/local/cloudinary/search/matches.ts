import { ApiError } from "../api-error.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { dateFields, requireField, textFields, type Value, valuesOf } from "./fields.ts";
import type { Bound, Expression, Operator } from "./parse.ts";

export type Matches = (asset: Asset) => boolean;

/** Compiles an expression to a predicate. Throws 400 immediately for a value that is invalid for its field. */
export function matcher(cloud: Cloud, expression: Expression): Matches {
  switch (expression.kind) {
    case "and": {
      const parts = expression.parts.map((part) => matcher(cloud, part));
      return (asset) => parts.every((matches) => matches(asset));
    }
    case "or": {
      const parts = expression.parts.map((part) => matcher(cloud, part));
      return (asset) => parts.some((matches) => matches(asset));
    }
    case "not": {
      const part = matcher(cloud, expression.part);
      return (asset) => !part(asset);
    }
    case "word": {
      const holds = textTest(":", expression);
      const context = (asset: Asset): boolean => Object.values(asset.context).some(holds);
      return (asset) =>
        context(asset) || textFields.some((field) => valuesOf(cloud, asset, field).some(holds));
    }
    case "compare":
      return comparison(cloud, expression);
    case "range": {
      const { field, from, to } = expression;
      requireField(field);
      const lower = bounded(cloud, { field, bound: from, operator: from.isIncluded ? ">=" : ">" });
      const upper = bounded(cloud, { field, bound: to, operator: to.isIncluded ? "<=" : "<" });
      return (asset) => valuesOf(cloud, asset, field).some((value) => lower(value) && upper(value));
    }
    default:
      return expression satisfies never;
  }
}

function comparison(cloud: Cloud, compare: Extract<Expression, { kind: "compare" }>): Matches {
  const { field, operator, value } = compare;
  requireField(field);
  const isText = operator === ":" || operator === "=";
  const holds =
    isText && !dateFields.has(field)
      ? equalTest(operator, compare)
      : bounded(cloud, { field, bound: { value, isIncluded: true }, operator });
  return (asset) => valuesOf(cloud, asset, field).some(holds);
}

/** Text matches by word or as a whole, a number by value. */
function equalTest(operator: ":" | "=", wanted: { value: string; isQuoted: boolean }) {
  const isText = textTest(operator, wanted);
  const number = numberOf(wanted.value);
  return (value: Value): boolean => (typeof value === "number" ? value === number : isText(value));
}

/** `=` matches the whole text, `:` the whole text or one of its words. `*` is a wildcard, except in quotes. */
function textTest(operator: Operator, wanted: { value: string; isQuoted: boolean }) {
  const parts = wanted.isQuoted && operator === "=" ? [wanted.value] : wanted.value.split("*");
  const pattern = new RegExp(`^${parts.map(RegExp.escape).join(".*")}$`, operator === "=" ? "su" : "isu");
  return (value: Value): boolean => {
    const text = String(value);
    if (pattern.test(text)) return true;
    return operator === ":" && text.split(/[\s/_.,-]+/).some((word) => pattern.test(word));
  };
}

/** Compares numbers, or dates by time. `*` is unbounded, and `3d` means three days ago. */
function bounded(
  cloud: Cloud,
  { field, bound, operator }: { field: string; bound: Bound; operator: Operator },
): (value: Value) => boolean {
  if (bound.value === "*") return () => true;
  const isDate = dateFields.has(field) || /^\d{4}-\d\d/.test(bound.value);
  const limit = isDate ? instantOf(cloud, bound.value) : numberOf(bound.value);
  if (limit === null) throw new ApiError(400, `Invalid value ${bound.value} for field ${field}`);
  return (value) => {
    const given = isDate ? Date.parse(String(value)) : Number(value);
    switch (operator) {
      case ">":
        return given > limit;
      case ">=":
        return given >= limit;
      case "<":
        return given < limit;
      case "<=":
        return given <= limit;
      case ":":
      case "=":
        return isDate ? isSameDay(given, limit, bound.value) : given === limit;
      default:
        return operator satisfies never;
    }
  };
}

/** A date without a time covers the whole day. */
const isSameDay = (given: number, limit: number, text: string): boolean =>
  text.includes("T") ? given === limit : given >= limit && given < limit + 86_400_000;

const units: Readonly<Record<string, number>> = {
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
  m: 2_592_000_000,
  y: 31_536_000_000,
};

function instantOf(cloud: Cloud, text: string): number | null {
  const [, count, unit = ""] = /^(\d+)([hdwmy])$/.exec(text) ?? [];
  if (count !== undefined) return cloud.now() - Number(count) * (units[unit] ?? 0);
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}

/** `100`, `100kb`, `1.5mb`. */
function numberOf(text: string): number | null {
  const [, number, unit = ""] = /^(-?\d+(?:\.\d+)?)(b|kb|mb|gb)?$/i.exec(text) ?? [];
  if (number === undefined) return null;
  const factor = { kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 }[unit.toLowerCase()] ?? 1;
  return Number(number) * factor;
}
