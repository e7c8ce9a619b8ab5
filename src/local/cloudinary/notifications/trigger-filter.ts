import jsonLogic, { type RulesLogic } from "json-logic-js";
import { ApiError } from "../api-error.ts";
import { jsonOr } from "../params.ts";

/** JSONLogic as jsonlogic.com describes it, without the library's `method`, which calls functions by name. */
const operators: ReadonlySet<string> = new Set(
  `var missing missing_some if == === != !== ! !! or and > >= < <= max min + - * / % map filter reduce all none some
   merge in cat substr`.split(/\s+/),
);

const maxLevels = 50;

/** Validates a trigger's filter and returns it as stored; throws 400 if it is not a JSONLogic expression. */
export function checkedFilter(text: string, language: string): string {
  if (language !== "jsonlogic") throw new ApiError(400, `Invalid filter_language ${language}`);
  const rule: unknown = jsonOr(text);
  if (!isRule(rule)) throw new ApiError(400, "Invalid filter - not a JSONLogic expression");
  const wrong = wrongOperator(rule, 1);
  if (wrong !== null) throw new ApiError(400, `Invalid filter - ${wrong}`);
  return text;
}

/**
 * Whether an event with this body passes the filter. `{"var": "resource_type"}` reads a field of the body. Without a
 * filter every event passes.
 */
export function passes(filter: string | undefined, body: unknown): boolean {
  if (filter === undefined) return true;
  // checkedFilter has validated every operator.
  const rule = JSON.parse(filter) as RulesLogic;
  return Boolean(jsonLogic.truthy(jsonLogic.apply(rule, body)));
}

const isRule = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object is one operator with its arguments; anything else is a value. */
function wrongOperator(value: unknown, level: number): string | null {
  if (level > maxLevels) return `nested more than ${maxLevels} levels deep`;
  if (Array.isArray(value)) return firstWrong(value, level);
  if (!isRule(value)) return null;
  const [operator = "", ...more] = Object.keys(value);
  if (more.length > 0) return "an object has more than one operator";
  if (!operators.has(operator)) return `unknown operator "${operator}"`;
  return firstWrong(Object.values(value), level);
}

function firstWrong(values: readonly unknown[], level: number): string | null {
  for (const value of values) {
    const wrong = wrongOperator(value, level + 1);
    if (wrong !== null) return wrong;
  }
  return null;
}
