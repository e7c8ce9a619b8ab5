import fc from "fast-check";
import * as z from "zod";
import * as wire from "../../../src/lib/notifications/wire.ts";

/** JSON as it can be sent: keys such as `__proto__` and half a surrogate pair included. */
const text = fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }));
const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "a.b", "two words", "ünï", "10"),
  fc.string({ minLength: 1 }),
);
const publicId = fc.constantFrom("deer", "woods/deer", "v12/w_1/deer.jpg", "two words", "ünï", "__proto__");
/** No number beyond 2^53: those arrive as text, which tests of their own show. */
const number = fc.oneof(fc.maxSafeInteger(), fc.double({ min: -1e6, max: 1e6, noNaN: true }));
const leaf = fc.oneof(text, number, fc.boolean(), fc.constant(null));
export const anyJson = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }),
  fc.dictionary(key, leaf, { maxKeys: 3 }),
);

const context = fc.oneof(
  fc.dictionary(key, text, { maxKeys: 3 }),
  fc.record({ custom: fc.dictionary(key, text, { maxKeys: 3 }) }),
  fc.constantFrom("alt=A deer|a\\|b=c", "", "=|=", "\\"),
  fc.array(fc.record({ name: key, value: text }), { maxLength: 2 }),
  fc.array(key, { maxLength: 2 }),
  fc.constant(null),
);
const metadata = fc.oneof(
  fc.dictionary(key, anyJson, { maxKeys: 3 }),
  fc.array(fc.record({ external_id: key, value: anyJson }), { maxLength: 2 }),
  fc.constant(null),
);
const version = fc.oneof(
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.stringMatching(/^\d{1,15}$/),
);

/** Fields of which random text would say nothing. */
const known: Record<string, fc.Arbitrary<unknown>> = {
  public_id: publicId,
  asset_id: fc.stringMatching(/^[0-9a-f]{32}$/),
  secure_url: publicId.map((id) => `https://res.cloudinary.com/orchard/image/upload/v1772619630/${id}.jpg`),
  triggered_at: fc.constantFrom("2026-03-04T10:20:30.512345Z", "2026-03-04T10:20:30Z", "soon"),
};

/** Bodies that a schema describes, by walking through it; optional fields may be absent. */
export function bodiesOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const keyedEntry = entryOf(schema);
  if (keyedEntry) {
    const entry = bodiesOf(keyedEntry);
    return fc.oneof(fc.array(entry, { maxLength: 3 }), fc.dictionary(publicId, entry, { maxKeys: 3 }));
  }
  if (schema === wire.version) return version;
  if (schema === wire.context) return context;
  if (schema === wire.metadata) return metadata;
  if (schema instanceof z.ZodOptional) return fc.option(bodiesOf(schema.unwrap()), { nil: undefined });
  if (schema instanceof z.ZodNullable) return fc.option(bodiesOf(schema.unwrap()), { nil: null });
  if (schema instanceof z.ZodObject) return objectsOf(schema);
  if (schema instanceof z.ZodArray) return fc.array(bodiesOf(schema.element), { maxLength: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(bodiesOf));
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodUnknown) return anyJson;
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumberFormat) return fc.maxSafeInteger();
  if (schema instanceof z.ZodNumber) return number;
  if (schema instanceof z.ZodString) return text;
  throw new Error(`No bodies are made of ${schema._zod.def.type}`);
}

/** The schema of the entries of a `keyed` schema; undefined for any other schema. */
function entryOf(schema: z.core.$ZodType): z.ZodType | undefined {
  const entry = schema instanceof z.ZodType ? schema.meta()?.entry : undefined;
  return entry instanceof z.ZodType ? entry : undefined;
}

function objectsOf(schema: z.ZodObject): fc.Arbitrary<unknown> {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const made = bodiesOf(field);
    const better = known[name];
    return [
      name,
      better ? made.chain((value) => (typeof value === "string" ? better : fc.constant(value))) : made,
    ];
  });
  return fc.record(Object.fromEntries(fields));
}

export interface Place {
  path: (string | number)[];
  schema: z.core.$ZodType;
  /** One of a list or of an object by public id: it can be wrong, but not missing. */
  entry: boolean;
}

/** Every place in a body that its schema says something of, and what it says. */
export function places(
  schema: z.core.$ZodType,
  value: unknown,
  path: Place["path"] = [],
  entry = false,
): Place[] {
  const here = { path, schema, entry };
  const inner = unwrapped(schema);
  if (typeof value !== "object" || value === null) return [here];
  const keyedEntry = entryOf(inner);
  if (keyedEntry) {
    const at = (key: string) => (Array.isArray(value) ? Number(key) : key);
    return [
      here,
      ...Object.entries(value).flatMap(([key, item]) => places(keyedEntry, item, [...path, at(key)], true)),
    ];
  }
  if (inner instanceof z.ZodArray && Array.isArray(value))
    return [here, ...value.flatMap((item, index) => places(inner.element, item, [...path, index], true))];
  if (!(inner instanceof z.ZodObject)) return [here];
  const fields = Object.entries(inner.shape);
  return [
    here,
    ...fields.flatMap(([name, field]) => places(field, Reflect.get(value, name), [...path, name])),
  ];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? unwrapped(schema.unwrap())
    : schema;
}

/** A copy with another value at a place; `undefined` takes the field away. */
export function replaced(value: unknown, path: Place["path"], by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, index) => (index === first ? replaced(item, rest, by) : item));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries({ ...value, ...(first in value ? {} : { [first]: undefined }) });
  return Object.fromEntries(
    entries.map(([key, item]) => [key, key === first ? replaced(item, rest, by) : item]),
  );
}

/** As issues spell it: `resources[0].version`, `resources["a b"].version`. */
export function spelled(path: Place["path"]): string {
  return path.reduce<string>((before, step) => {
    if (typeof step === "number") return `${before}[${step}]`;
    if (/[^\w$]/.test(step)) return `${before}[${JSON.stringify(step)}]`;
    return before === "" ? step : `${before}.${step}`;
  }, "");
}
