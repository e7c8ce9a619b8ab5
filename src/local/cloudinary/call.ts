import { ApiError, notEmulated } from "./api-error.ts";
import type { JsonObject } from "./json.ts";
import type { Params } from "./params.ts";
import { resourceTypeOf } from "./resource-type.ts";
import type { Cloud } from "./store/cloud.ts";
import type { ResourceType } from "./store/state.ts";

/**
 * How a call is authenticated. `upload`: by a signature, or by key and secret. `unsigned`: the same, but the call
 * itself may also allow neither. `link`: by a signature in the URL, which has an expiry of its own. `admin`: by key and
 * secret; counts against the hourly limit. `messages`: like `admin`, but not counted.
 */
export type Authorization = "upload" | "unsigned" | "link" | "admin" | "messages";

/** One call of the API that the local Cloudinary emulates. */
export interface Call {
  /** Method and path after the cloud name; `{name}` marks a path parameter. */
  route: string;
  authorization: Authorization;
  /** Every parameter that has an effect. Any other is rejected as not emulated. */
  takes: readonly string[];
  answer: (made: MadeCall) => JsonObject | Response | Promise<JsonObject | Response>;
  /** Status of a successful answer; 200 by default. */
  status?: number;
}

/** A received call. */
export interface MadeCall {
  cloud: Cloud;
  request: Request;
  params: Params;
  /** The path parameter `{name}`; empty if the route has none. */
  path: (name: string) => string;
  /** The validated `{resource_type}`. */
  resourceType: () => ResourceType;
}

/** Parameters of every call: credentials, method or time. */
const ofEveryCall = new Set(["api_key", "signature", "timestamp", "_method", "file", "signature_algorithm"]);

/** Accepted everywhere, but without effect here. The value says why. */
export const withoutEffect: Readonly<Record<string, string>> = {
  invalidate: "there is no CDN whose copies could be invalidated",
  live: "nothing is streamed live",
  visual_search: "it only adds the asset to an index that nothing here reads",
  quality_override: "it only changes what q_auto chooses",
  clear_invalid: "there are no metadata rules that could make a value invalid",
  callback: "it is for forms that a browser posts itself",
};

/** Finds the route in `calls` that matches a request. Throws a "not emulated" error if there is none. */
export function matchCall(
  calls: readonly Call[],
  made: { method: string; path: string },
): { call: Call; values: ReadonlyMap<string, string> } {
  for (const call of calls) {
    const values = match(call.route, `${made.method} ${made.path}`);
    if (values !== null) return { call, values };
  }
  throw notEmulated(`the call ${made.method} ${made.path}`);
}

/** Throws for a parameter that has an effect at Cloudinary but none here. */
export function refuseUnknownParameters(call: Call, params: Params): void {
  for (const name of params.fields.keys()) {
    if (ofEveryCall.has(name) || Object.hasOwn(withoutEffect, name) || call.takes.includes(name)) continue;
    if (isOff(params.text(name))) continue;
    throw notEmulated(`the parameter ${name} of ${call.route}`);
  }
}

const isOff = (value: string | undefined): boolean => value === undefined || /^(false|0)$/.test(value);

export function madeCall(
  made: Pick<MadeCall, "cloud" | "request" | "params">,
  values: ReadonlyMap<string, string>,
): MadeCall {
  const path = (name: string): string => values.get(name) ?? "";
  return { ...made, path, resourceType: () => resourceTypeOf(path("resource_type")) };
}

/** Path parameters with a pattern of their own; others match up to the next slash. */
const parts = new Map([
  ["asset_id", "[0-9a-f]{32}"],
  ["public_id", ".+"],
  ["folder", ".+"],
  ["tag", ".+"],
  ["name", ".+"],
]);

const patterns = new Map<string, RegExp>();

function match(route: string, line: string): Map<string, string> | null {
  const groups = patternOf(route).exec(line)?.groups;
  return groups === undefined ? null : new Map(Object.entries(groups));
}

function patternOf(route: string): RegExp {
  const known = patterns.get(route);
  if (known !== undefined) return known;
  const text = route.replace(/\{(\w+)\}/g, (_, name) => `(?<${name}>${parts.get(name) ?? "[^/]+"})`);
  const pattern = new RegExp(`^(?<route>)${text}$`, "s");
  patterns.set(route, pattern);
  return pattern;
}

/** Finds the asset by type and public id; throws 404. */
export function must<T>(found: T | undefined, called: string): T {
  if (found === undefined) throw new ApiError(404, `Resource not found - ${called}`);
  return found;
}
