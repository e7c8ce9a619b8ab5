import { pathToFileURL } from "node:url";
import { parse } from "../../src/lib/notifications/parse.ts";

export interface ParseFigure {
  body: string;
  bytes: number;
  /** Medians over the rounds, for one body. */
  jsonParseMicros: number;
  parseMicros: number;
  ratio: number;
  atMost: number;
}

/** What parsing into a notification costs over `JSON.parse` of its text (decoding is ours to pay), in rounds that alternate between the two. */
export async function benchParse(rounds = 11): Promise<ParseFigure[]> {
  return [
    measure("upload", uploadOf(1_000), 4, rounds),
    measure("eager", eagerOf(1_000), 4, rounds),
    measure("delete", deleteOf(1_000), 4, rounds),
    measure("upload with a large add-on result", uploadOf(100_000), 3, rounds),
    measure("delete of many assets", deleteOf(100_000), 3, rounds),
    measure("eager with many derivatives", eagerOf(100_000), 3, rounds),
  ];
}

function measure(name: string, body: object, atMost: number, rounds: number): ParseFigure {
  const text = JSON.stringify(body);
  const bytes = Buffer.from(text);
  if (!parse(bytes, null).ok) throw new Error(`The bench body "${name}" does not parse.`);
  const calls = Math.max(1, Math.round(12_000_000 / bytes.length));
  const baseline: number[] = [];
  const ours: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const json = micros(calls, () => JSON.parse(text));
    const full = micros(calls, () => parse(bytes, null));
    if (round < 0) continue; // The compiler warms up.
    baseline.push(json);
    ours.push(full);
  }
  const jsonParseMicros = median(baseline);
  const parseMicros = median(ours);
  return {
    body: name,
    bytes: bytes.length,
    jsonParseMicros,
    parseMicros,
    ratio: parseMicros / jsonParseMicros,
    atMost,
  };
}

/** This thread's own time: what else runs on the machine does not count. Its clock is coarse, so a round is long. */
function micros(calls: number, call: () => unknown): number {
  const before = process.threadCpuUsage();
  for (let i = 0; i < calls; i++) call();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / calls;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const context = {
  notification_context: {
    triggered_at: "2026-03-04T10:20:30.123456Z",
    triggered_by: { source: "api", id: "123456789012345" },
  },
  signature_key: "123456789012345",
};

function uploadOf(bytes: number): object {
  const upload = {
    notification_type: "upload",
    timestamp: "2026-03-04T10:20:31+00:00",
    request_id: "5f0c9bb25a1e4c6f8f3f1a0b7d6e2c11",
    asset_id: hex(1),
    public_id: "products/AB-100/front",
    version: 1772619630,
    version_id: hex(2),
    width: 1600,
    height: 1200,
    format: "jpg",
    resource_type: "image",
    created_at: "2026-03-04T10:20:30Z",
    tags: ["catalogue", "sku:AB-100"],
    bytes: 348211,
    type: "upload",
    etag: hex(3),
    placeholder: false,
    url: "http://res.cloudinary.com/orchard/image/upload/v1772619630/products/AB-100/front.jpg",
    secure_url: "https://res.cloudinary.com/orchard/image/upload/v1772619630/products/AB-100/front.jpg",
    asset_folder: "products/AB-100",
    display_name: "front",
    original_filename: "IMG_0001",
    context: { custom: { alt: "A jacket", sku: "AB-100" } },
    metadata: { sku: "AB-100" },
    ...context,
  };
  const labels = Array.from({ length: Math.max(0, Math.floor((bytes - 1_000) / 75)) }, (_, i) => ({
    name: `label ${i}`,
    confidence: 50 + (i % 50) / 2,
    parent_name: i % 3 ? "clothing" : null,
  }));
  return labels.length === 0 ? upload : { ...upload, info: { categorization: { data: labels } } };
}

function deleteOf(bytes: number): object {
  const resources = Array.from({ length: Math.floor(bytes / 205) }, (_, i) => ({
    resource_type: "image",
    type: "upload",
    asset_id: hex(i),
    public_id: `products/AB-${i}/front`,
    version: 1772619630 + i,
    asset_folder: `products/AB-${i}`,
    display_name: "front",
  }));
  return { notification_type: "delete", resources, ...context };
}

function eagerOf(bytes: number): object {
  const eager = Array.from({ length: Math.floor(bytes / 345) }, (_, i) => {
    const path = `res.cloudinary.com/orchard/image/upload/c_fill,h_${i + 10},w_${i + 10}/v1772619630/products/AB-100/front.webp`;
    return {
      transformation: `c_fill,h_${i + 10},w_${i + 10}/webp`,
      width: i + 10,
      height: i + 10,
      bytes: 1000 + i,
      format: "webp",
      url: `http://${path}`,
      secure_url: `https://${path}`,
    };
  });
  return {
    notification_type: "eager",
    timestamp: "2026-03-04T10:20:31+00:00",
    eager,
    batch_id: hex(4) + hex(5),
    asset_id: hex(1),
    public_id: "products/AB-100/front",
    ...context,
  };
}

/** 32 hexadecimal digits, letters among them, as Cloudinary's ids have. */
function hex(seed: number): string {
  return Array.from({ length: 4 }, (_, i) =>
    ((seed + 1) * 2654435761 * (i + 3)).toString(16).slice(0, 7).padEnd(8, "e"),
  ).join("");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { body, bytes, jsonParseMicros, parseMicros, ratio, atMost } of await benchParse())
    console.log(
      `${body}: ${bytes} bytes, JSON.parse ${jsonParseMicros.toFixed(1)} µs, parse ${parseMicros.toFixed(1)} µs, ${ratio.toFixed(2)} times (at most ${atMost})`,
    );
}
