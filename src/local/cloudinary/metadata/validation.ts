import { z } from "zod";
import type { Json } from "../json.ts";
import type { MetadataField } from "../store/state.ts";

const comparison = z.object({
  type: z.enum(["greater_than", "less_than"]),
  value: z.json(),
  equals: z.boolean().optional(),
});
const length = z.object({
  type: z.literal("strlen"),
  min: z.number().int().min(0).optional(),
  max: z.number().int().min(0).optional(),
});

const single = z.discriminatedUnion("type", [comparison, length]);
const validation = z.union([z.object({ type: z.literal("and"), rules: z.array(single).min(1) }), single]);

/** Whether the API allows this rule for fields of this type: text has a length, numbers and dates have an order. */
export function isValidation(type: MetadataField["type"], json: Json): boolean {
  if (json === null) return true;
  const parsed = validation.safeParse(json);
  if (!parsed.success) return false;
  const rules = parsed.data.type === "and" ? parsed.data.rules : [parsed.data];
  return rules.every((rule) => (rule.type === "strlen") === (type === "string"));
}

/** Whether a value satisfies the validation of its field. */
export function holds(json: Json, value: Json, now: number): boolean {
  const parsed = validation.safeParse(json);
  // Without a rule, every value is valid.
  return !parsed.success || isKept(parsed.data, value, now);
}

function isKept(rule: z.infer<typeof validation>, value: Json, now: number): boolean {
  switch (rule.type) {
    case "and":
      return rule.rules.every((part) => isKept(part, value, now));
    case "greater_than":
    case "less_than": {
      const [given, limit] = [comparable(value, now), comparable(rule.value, now)];
      const isBeyond = rule.type === "greater_than" ? given > limit : given < limit;
      return isBeyond || (rule.equals === true && given === limit);
    }
    case "strlen": {
      const { length: count } = String(value);
      return count >= (rule.min ?? 0) && count <= (rule.max ?? Number.POSITIVE_INFINITY);
    }
    default:
      return rule satisfies never;
  }
}

/** Dates compare by their day; the API also writes `today` for one. */
function comparable(value: Json, now: number): number {
  if (value === "today") return Date.parse(new Date(now).toISOString().slice(0, 10));
  if (typeof value === "string" && /^\d{4}-/.test(value)) return Date.parse(value);
  return Number(value);
}
