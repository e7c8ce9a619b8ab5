import { InvalidArgumentError } from "@commander-js/extra-typings";
import { isObject } from "../../lib/shared/json.ts";

/** A value to set in a body. */
export interface Change {
  /** `eager[0].width` as `["eager", 0, "width"]`. */
  path: readonly (string | number)[];
  value: unknown;
}

/** Parses `path=value`. The value is JSON if it can be read as such, otherwise text. */
export function collectChange(text: string, previous: readonly Change[] = []): Change[] {
  const at = text.indexOf("=");
  const name = text.slice(0, Math.max(0, at));
  if (!/^[\w-]+(\.[\w-]+|\[\d{1,4}\])*$/.test(name))
    throw new InvalidArgumentError(
      "Expected path=value, such as public_id=products/LAMP-3/main or eager[0].width=200.",
    );
  const path = [...name.matchAll(/[\w-]+/g)].map(([part], index) =>
    index > 0 && name.includes(`[${part}]`) ? Number(part) : part,
  );
  return [...previous, { path, value: jsonOr(text.slice(at + 1)) }];
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A copy of a body with the values set; missing objects and lists on the way are created. */
export const withChanges = (body: unknown, changes: readonly Change[]): unknown =>
  changes.reduce((changed, { path, value }) => set(changed, path, value), body);

function set(target: unknown, [first, ...rest]: Change["path"], value: unknown): unknown {
  if (first === undefined) return value;
  if (typeof first === "number") {
    const list = Array.isArray(target) ? [...target] : [];
    while (list.length < first) list.push(null);
    list[first] = set(list[first], rest, value);
    return list;
  }
  const entries = new Map(Object.entries(isObject(target) ? target : {}));
  entries.set(first, set(entries.get(first), rest, value));
  return Object.fromEntries(entries);
}
