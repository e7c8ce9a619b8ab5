import { describe, expect, it } from "vitest";
import * as z from "zod";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { registry } from "../../../src/lib/notifications/registry.ts";
import { notificationTypes } from "../../../src/lib/notifications/types.ts";
import { fc } from "../../support/fast-check.ts";
import { anyJson, bodiesOf, places, replaced, spelled } from "./bodies.ts";
import { bytesOf, meaning, parsed } from "./fixtures.ts";

/** Where null says "none", and absence nothing; and data that is handed on as it came. */
const saysNone: ReadonlySet<unknown> = new Set([
  "tags",
  "context",
  "metadata",
  "previous_metadata",
  "new_metadata",
  "info_data",
  "data",
]);

const runs = { numRuns: 60 };

/** The body as the type's notification; the old upload without a type is a matter of its own. */
function typed(type: string, body: unknown): object {
  return { ...(typeof body === "object" ? body : {}), notification_type: type };
}

/** Adds fields that no schema names to every object that one describes. */
function withStrangers(schema: z.core.$ZodType, body: unknown, stranger: unknown): unknown {
  return places(schema, body)
    .toReversed()
    .reduce((changed, { path, schema: here }) => {
      const value = path.reduce<unknown>((at, step) => Reflect.get(Object(at), step), changed);
      const described = fieldsOf(here) !== undefined && typeof value === "object" && value !== null;
      return described
        ? replaced(changed, path, { ...value, x_new_field: stranger, "x new": { deep: [stranger] } })
        : changed;
    }, body);
}

function fieldsOf(schema: z.core.$ZodType): object | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return fieldsOf(schema.unwrap());
  return schema instanceof z.ZodObject ? schema.shape : undefined;
}

describe.each(notificationTypes)("any %s", (type) => {
  const { schema } = registry[type];
  const bodies = bodiesOf(schema).map((body) => typed(type, body));

  it("parses to its type, with all data", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const notification = parsed(bytesOf(body));
        expect(notification.type).toBe(type);
        if (!("body" in notification)) throw new Error("has no body");
        expect(JSON.stringify(notification.body)).toBe(JSON.stringify(body));
        expect(() => meaning(notification)).not.toThrow();
        for (const asset of notification.assets) expect(asset.identity).toMatch(/./);
      }),
      runs,
    );
  });

  it("X9 means the same with unknown fields", () => {
    fc.assert(
      fc.property(bodies, anyJson, (body, stranger) => {
        const more = withStrangers(schema, body, stranger);
        expect(Object.keys(Object(more))).toContain("x_new_field");
        expect(meaning(parsed(bytesOf(more)))).toEqual(meaning(parsed(bytesOf(body))));
      }),
      runs,
    );
  });

  it("means the same without an empty optional field, and still parses without any other optional field", () => {
    fc.assert(
      fc.property(bodies, fc.nat(), (body, pick) => {
        const optional = places(schema, body).filter(
          ({ path, schema }) =>
            path.length > 0 && z.safeParse(schema, undefined).success && path.at(-1) !== "notification_type",
        );
        const place = optional[pick % optional.length];
        if (place === undefined) return;
        expect(parsed(bytesOf(replaced(body, place.path, undefined))).type).toBe(type);

        if (saysNone.has(place.path.at(-1)) || !z.safeParse(place.schema, null).success) return;
        const asNull = meaning(parsed(bytesOf(replaced(body, place.path, null))));
        expect(asNull).toEqual(meaning(parsed(bytesOf(replaced(body, place.path, undefined)))));
      }),
      runs,
    );
  });

  it("X10 names the path of a field that is missing or of the wrong type", () => {
    fc.assert(
      fc.property(
        bodies,
        fc.nat(),
        fc.constantFrom(undefined, null, 7.5, "text", true, [7], { a: 1 }),
        (body, pick, wrong) => {
          const spoiled = places(schema, body).filter(
            ({ path, schema }) =>
              path.length > 0 && path.at(-1) !== "notification_type" && !z.safeParse(schema, wrong).success,
          );
          const place = spoiled[pick % spoiled.length];
          if (place === undefined || (wrong === undefined && place.entry)) return;
          const result = parse(bytesOf(replaced(body, place.path, wrong)), null);
          const paths = result.ok ? [] : result.issues.map((issue) => issue.path);
          const path = spelled(place.path);
          const inside = (found: string) => found.startsWith(`${path}.`) || found.startsWith(`${path}[`);
          expect(
            paths.some((found) => found === path || inside(found)),
            `${path} in ${paths}`,
          ).toBe(true);
          expect(
            paths.every((found) => found === path || inside(found)),
            `only ${path} in ${paths}`,
          ).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});
