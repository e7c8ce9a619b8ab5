import { expect, it } from "vitest";
import { parseExact } from "../../../src/lib/notifications/big-numbers.ts";
import { fc } from "../../support/fast-check.ts";

/** The same with a reviver for every text, without the look for long numbers first. */
function plain(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" &&
    Math.abs(value) > Number.MAX_SAFE_INTEGER &&
    /^-?\d{16,}/.test(context?.source ?? "")
      ? context?.source
      : value,
  );
}

const number = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.constantFrom(
    "9007199254740991",
    "9007199254740992",
    "-9007199254740993",
    "0.1234567890123456789",
    "1e300",
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
const space = fc.constantFrom("", " ", "\n", "\t");

it("keeps the same numbers as text wherever they are in a body", () => {
  const item = fc.oneof(
    number,
    fc.string().map((text) => JSON.stringify(text)),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(space, item, space), { maxLength: 6 }), (items) => {
      const list = items.map((parts) => parts.join("")).join(",");
      for (const text of [`[${list}]`, `{"a":[${list}],"b":{"c":${items[0]?.[1] ?? "null"}}}`])
        expect(parseExact(text)).toEqual(plain(text));
    }),
    { numRuns: 1_000 },
  );
});
