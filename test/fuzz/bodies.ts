import fc from "fast-check";
import { registry } from "../../src/lib/notifications/registry.ts";
import { notificationTypes } from "../../src/lib/notifications/types.ts";
import { anyJson, bodiesOf } from "../lib/notifications/bodies.ts";
import { fixtures } from "../lib/notifications/fixtures.ts";
import type { KnownAsset } from "./world.ts";

/** Stands for text that JSON.stringify does not write, such as a number beyond the range of a double. */
const rawMark = "@@raw:";

const rawValues = [
  "1e400",
  "-1e400",
  "12345678901234567890",
  "-9007199254740993",
  "0.1e-400",
  `${"9".repeat(400)}`,
  `1.${"0".repeat(500)}1`,
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`,
  String.raw`"\ud800"`,
  String.raw`"a\udfffb\u0000c"`,
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  '{"a":1,"a":2,"a":{"a":3}}',
];

const instants = [
  "2024-02-30T10:00:00Z",
  "0000-01-01T00:00:00Z",
  "+275760-09-13T00:00:00Z",
  "-271821-04-20T00:00:00Z",
  "9999-12-31T23:59:59-23:59",
  "2026-03-02T10:00:00+23:00",
  `2026-03-02T10:00:00.${"1".repeat(130)}Z`,
  "2026-03-02T25:61:61Z",
  "2026-03-02 10:00:00 UTC",
  "1760000000",
  "Infinity",
  "epoch",
  "infinity",
  "-infinity",
  "now",
  "2026-W10-1",
  "10:00",
];

const urls = [
  "",
  "http://",
  "https:///a.jpg",
  "javascript:alert(1)",
  "https://res.cloudinary.com/demo/image/upload/",
  "https://res.cloudinary.com/demo/image/upload/v1760000123/%E0%A4%A.jpg",
  "https://res.cloudinary.com/demo/image/upload/v99999999999999999999/a.jpg",
  "https://user:password@res.cloudinary.com:99999/demo/image/upload/a.jpg",
  "https://[::1/demo",
  "https://res.cloudinary.com/demo/image/authenticated/s--aaaaaaaa--/v1/a.jpg",
  `https://res.cloudinary.com/demo/image/upload/${"w_1/".repeat(3_000)}a.jpg`,
  "data:text/plain;base64,AAAA",
  "//res.cloudinary.com/demo",
];

const texts = [
  "\0",
  "a\0b",
  "\ud800",
  "a\ud800b\u2028c\u202ed",
  "\ufeff",
  "<script>alert(1)</script>",
  "'; drop table notifications; --",
  "x\r\nBcc: victim@example.com",
  "../../etc/passwd",
  "%00",
  "%",
  "{{7*7}}$1$&$`",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "e\u0301".repeat(300),
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}".repeat(50),
  "a".repeat(501),
  "b".repeat(3_000),
  "c/".repeat(30_000),
  " ".repeat(3_000),
  "|=\\".repeat(2_000),
  "products/VASE-1/main-0001",
  `products/${"S".repeat(300)}/main`,
  "sku:VASE-1",
  `sku:${"x".repeat(3_000)}`,
  "approved",
  "rejected",
  "pending",
  "manual",
  "google_video_moderation",
  "complete",
  "image",
  "video",
  "raw",
  "authenticated",
];

/** Texts that are known to be difficult, and others. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", ...texts, ...instants, ...urls),
  fc.string({ unit: "binary", maxLength: 40 }),
);

const nasty: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(null, true, false, 0, -0, -1, 1, 7.5, 1e308, 2 ** 53, 2 ** 31), weight: 3 },
  { arbitrary: fc.constantFrom("", ...texts), weight: 4 },
  { arbitrary: fc.constantFrom(...instants), weight: 2 },
  { arbitrary: fc.constantFrom(...urls), weight: 2 },
  { arbitrary: fc.nat(rawValues.length - 1).map((index) => `${rawMark}${index}@@`), weight: 2 },
  { arbitrary: fc.constantFrom([], {}, [[]], [null], { custom: null }), weight: 2 },
  { arbitrary: fc.nat(3).map((size) => manyOf(10 ** size)), weight: 1 },
  { arbitrary: anyJson, weight: 2 },
  { arbitrary: fc.string({ unit: "binary", maxLength: 40 }), weight: 1 },
);

function manyOf(length: number): unknown {
  return Array.from({ length }, (_, index) => ({
    public_id: `products/VASE-${index}/main`,
    asset_id: index.toString(16).padStart(32, "0"),
    version: 1_760_000_000 + index,
    tags: [`sku:VASE-${index}`],
  }));
}

interface Change {
  does: "set" | "drop" | "wrap" | "fill" | "add";
  /** Which place. */
  pick: number;
  value: unknown;
  /** Of what is added. */
  key: string;
}

const keys = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "toJSON", "length", "", "\0", "x".repeat(3_000)),
  fc.constantFrom("resources", "eager", "moderation", "context", "metadata", "tags", "notification_type"),
  fc.constantFrom("timestamp", "access_control", "info_data", "notification_context", "version", "asset_id"),
  fc.string({ unit: "binary", maxLength: 8 }),
);

const changes: fc.Arbitrary<Change> = fc.record({
  does: fc.constantFrom("set", "set", "set", "set", "drop", "drop", "wrap", "fill", "add", "add"),
  pick: fc.nat(),
  value: nasty,
  key: keys,
});

/** Every place of a value: the holder and the key. */
function placesOf(holder: object, found: [object, string][] = []): [object, string][] {
  for (const [key, value] of Object.entries(holder)) {
    if (found.length > 500) break;
    found.push([holder, key]);
    if (typeof value === "object" && value !== null) placesOf(value, found);
  }
  return found;
}

function apply(root: { body: unknown }, change: Change): void {
  // The first place is the whole body, which is changed less often.
  const [whole, ...within] = placesOf(root);
  const places = change.pick % 40 === 0 || within.length === 0 ? [whole] : within;
  const [holder, key] = places[change.pick % places.length] ?? [root, "body"];
  const held = Reflect.get(holder, key);
  const put = (target: object, name: string, value: unknown) =>
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  if (change.does === "set") put(holder, key, change.value);
  else if (change.does === "drop")
    Array.isArray(holder) ? holder.splice(Number(key), 1) : Reflect.deleteProperty(holder, key);
  else if (change.does === "wrap") put(holder, key, [held, { [key]: held }]);
  else if (change.does === "fill")
    put(
      holder,
      key,
      Array.from({ length: 300 }, () => held),
    );
  else if (typeof held === "object" && held !== null && !Array.isArray(held))
    put(held, change.key, change.value);
}

const types = fc.constantFrom(...notificationTypes);
const named = fixtures().map(({ bytes }) => Buffer.from(bytes).toString());

const sound: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.constantFrom(...named).map((text): unknown => JSON.parse(text)), weight: 5 },
  {
    arbitrary: types.chain((type) =>
      bodiesOf(registry[type].schema).map((body) => ({ ...Object(body), notification_type: type })),
    ),
    weight: 3,
  },
  { arbitrary: anyJson, weight: 1 },
);

/** What an asset at Cloudinary is named by, in the form of the body. */
const retargeted = (body: unknown, asset: KnownAsset | undefined): unknown => {
  if (asset === undefined || typeof body !== "object" || body === null || Array.isArray(body)) return body;
  const named = Object.entries(asset).filter(([name]) => name in body || name === "asset_id");
  const { resource_type, type, version, public_id } = asset;
  const url = `https://res.cloudinary.com/demo/${resource_type}/${type}/v${version}/${public_id}.png`;
  return { ...body, ...Object.fromEntries(named), ...("secure_url" in body && { secure_url: url }) };
};

type Bytes = Uint8Array<ArrayBuffer>;
type Spoil = (text: string, pick: number) => Uint8Array;
const utf8 = (text: string) => Buffer.from(text);
const spliced = (text: string, pick: number, part: Uint8Array) => {
  const bytes = utf8(text);
  const at = pick % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
};

/** What may happen to the text of a body on its way, or at a sender that is none. */
const spoils: Spoil[] = [
  (text, pick) => utf8(text).subarray(0, pick % (text.length + 1)),
  (text, pick) => spliced(text, pick, Buffer.from([pick % 256])),
  (text, pick) => spliced(text, pick, Buffer.from([0xc0, 0x80])),
  (text, pick) => spliced(text, pick, Buffer.from([0xed, 0xa0, 0x80])),
  (text) => utf8(`\ufeff${text}`),
  (text) => Buffer.from(`\ufeff${text}`, "utf16le"),
  (text) => Buffer.from(text, "latin1"),
  (text) => utf8(`${text}\n${text}`),
  (text) => utf8(`${" ".repeat(100_000)}${text}${"\n".repeat(100_000)}`),
  () => new Uint8Array(),
  () => new Uint8Array(1_000),
  (text) => utf8(`[${text}]`),
  (text) => utf8(JSON.stringify(text)),
];

const spoilings = fc.oneof(
  { arbitrary: fc.constant(null), weight: 9 },
  { arbitrary: fc.record({ kind: fc.nat(spoils.length - 1), pick: fc.nat(100_000) }), weight: 1 },
);

/** The bytes of notifications: shapes that Cloudinary sends, about assets that exist or not, changed in some places. */
export function bodies(known: readonly KnownAsset[]): fc.Arbitrary<Bytes> {
  return fc
    .record({
      body: sound,
      asset: fc.option(fc.constantFrom(...known), { nil: undefined, freq: 2 }),
      changed: fc.array(changes, { maxLength: 2 }),
      spoiling: spoilings,
    })
    .map(({ body, asset, changed, spoiling }) => {
      const root = { body: structuredClone(retargeted(body, asset)) };
      for (const change of changed) apply(root, structuredClone(change));
      const json = JSON.stringify(root.body) ?? "null";
      const text = json.replaceAll(/"@@raw:(\d+)@@"/g, (_, index) => rawValues[Number(index)] ?? "0");
      const bytes =
        spoiling === null ? utf8(text) : (spoils[spoiling.kind]?.(text, spoiling.pick) ?? utf8(text));
      return new Uint8Array(bytes);
    });
}
