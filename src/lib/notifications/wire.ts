import * as z from "zod";
import type { JsonObject } from "../shared/json.ts";

export { isObject } from "../shared/json.ts";

/** No handler depends on these, so their type must not stop a delivery. */
const textOrNumber = z.union([z.string(), z.number()]).nullish();

/** The common fields of all notifications; older bodies have none of them. */
export const envelope = {
  timestamp: textOrNumber,
  request_id: textOrNumber,
  notification_context: z
    .looseObject({
      triggered_at: z.string().nullish(),
      triggered_by: z.looseObject({ source: z.string().nullish(), id: z.string().nullish() }).nullish(),
    })
    .nullish(),
  signature_key: textOrNumber,
};

/** An exact integer: beyond 2^53, JavaScript would round it. In some old bodies it is a string. */
export const version = z.custom<number | string>(
  (value) =>
    typeof value === "string" ? /^\d{1,15}$/.test(value) : Number.isSafeInteger(value) && Number(value) >= 0,
  "expected a whole number below 2^53",
);

export type WireContext = string | JsonObject | readonly unknown[] | null;

/** `{custom: {...}}`, a flat object, `"a=b|c=d"`, a list of `{name, value}`, or null. */
export const context = z.custom<WireContext>(
  (value) => typeof value === "string" || typeof value === "object",
  "expected an object, a list, a text or null",
);

export type WireMetadata = JsonObject | readonly unknown[] | null;

/** An object by external id, a list of `{external_id, value}`, or null. */
export const metadata = z.custom<WireMetadata>(
  (value) => typeof value === "object",
  "expected an object, a list or null",
);

/** The fields that identify and locate an asset, wherever one appears. */
export const assetFields = {
  asset_id: z.string().nullish(),
  public_id: z.string().nullish(),
  resource_type: z.string().nullish(),
  type: z.string().nullish(),
  version: version.nullish(),
  url: z.string().nullish(),
  secure_url: z.string().nullish(),
  asset_folder: z.string().nullish(),
  folder: z.string().nullish(),
  display_name: z.string().nullish(),
};

/** The fields that describe an asset, in notifications about the asset itself. */
export const descriptionFields = {
  format: z.string().nullish(),
  width: z.number().nullish(),
  height: z.number().nullish(),
  bytes: z.int().nullish(),
  tags: z.array(z.string()).nullish(),
  context: context.optional(),
  metadata: metadata.optional(),
};

/**
 * An array for some types, an object keyed by public id for others; both forms are accepted for all types.
 * Checked by hand, because a record schema ignores keys such as `__proto__`, and a union hides the path of the error.
 * `meta` contains the schema of an entry for the tests, which generate bodies from the schemas.
 */
export function keyed<S extends z.ZodType>(entry: S) {
  const isContainer = (value: unknown) => typeof value === "object" && value !== null;
  const container = z
    .custom<Keyed<z.output<S>>>(isContainer, "expected a list, or an object by public id")
    .check(({ value, issues }) => {
      if (!isContainer(value)) return;
      for (const [key, item] of Object.entries(value)) {
        const at = Array.isArray(value) ? Number(key) : key;
        for (const { message, path } of entry.safeParse(item).error?.issues ?? [])
          issues.push({ code: "custom", message, input: item, path: [at, ...path] });
      }
    });
  return container.meta({ entry });
}

export type Keyed<E> = readonly E[] | Readonly<Record<string, E>>;

/** The entries of `keyed` as a list; in the object form, the key is the public id of entries without one. */
export function entries<E>(container: Keyed<E>): { key?: string; entry: E }[] {
  if (isList(container)) return container.map((entry) => ({ entry }));
  return Object.entries(container).map(([key, entry]) => ({ key, entry }));
}

function isList<E>(container: Keyed<E>): container is readonly E[] {
  return Array.isArray(container);
}
