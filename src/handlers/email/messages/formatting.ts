import type { Asset, Common, Derived } from "../../../lib/notifications/notification.ts";
import type { Fact, MailFile } from "../compose/message.ts";
import { plain, size } from "../compose/sanitize.ts";

/** The name of an asset in a sentence. */
export function nameOf(asset: Asset | undefined): string {
  return plain(asset?.public_id || asset?.display_name || asset?.asset_id || "an asset", 80);
}

/** The name of a single asset, or the number of several. */
export function aboutOf(assets: readonly Asset[]): string {
  return assets.length === 1 ? nameOf(assets[0]) : count(assets.length, "asset");
}

export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}

/** `WEBP, 1920 × 1080, 134 KB`, without the parts that are unknown. Empty for placeholders. */
export function measures(of: { format?: string; width?: number; height?: number; bytes?: number }): string {
  const sides = of.width && of.height ? `${of.width} × ${of.height}` : "";
  return [(of.format ?? "").toUpperCase(), sides, of.bytes ? size(of.bytes) : ""].filter(Boolean).join(", ");
}

export function assetFacts(asset: Asset | undefined): Fact[] {
  if (!asset) return [];
  return facts({
    "Public id": asset.public_id,
    "Display name": asset.display_name === asset.public_id ? undefined : asset.display_name,
    Folder: asset.asset_folder,
    File: measures(asset),
    Tags: asset.tags?.join(", "),
    Version: asset.version === undefined ? undefined : String(asset.version),
  });
}

/** Who triggered it and when; missing in older notifications. */
export function circumstances({ triggeredBy, occurredAt }: Common): Fact[] {
  const { source, id } = triggeredBy ?? {};
  const who =
    source === "api" && id
      ? `API key ${id}`
      : [source === "ui" ? "Media Library" : source, id].filter(Boolean).join(", ");
  return facts({ "Triggered by": who, "Happened at": occurredAt && instant(occurredAt) });
}

export function facts(values: Readonly<Record<string, string | undefined>>): Fact[] {
  return Object.entries(values).flatMap(([label, value]) => (value ? [{ label, value }] : []));
}

const maxLines = 20;

/** Several values under one label, at most `maxLines`. */
export function lines(label: string, values: readonly string[]): Fact[] {
  const shown = values.slice(0, maxLines).map((value, at) => ({ label: at === 0 ? label : "", value }));
  return values.length > maxLines
    ? [...shown, { label: "", value: `and ${values.length - maxLines} more` }]
    : shown;
}

export function instant(date: Date): string {
  return `${date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })} UTC`;
}

export function readyFiles(derived: readonly Derived[]): MailFile[] {
  return derived.flatMap((entry) =>
    entry.kind === "ready"
      ? [{ name: madeAs(entry), detail: entry.transformation, url: entry.secure_url }]
      : [],
  );
}

/** Entries of streaming profiles have no format, but their URLs do. */
function madeAs(entry: Extract<Derived, { kind: "ready" }>): string {
  const format = entry.format ?? entry.parts?.format;
  return measures({ ...entry, ...(format !== undefined && { format }) }) || "a file";
}

export function failures(derived: readonly Derived[]) {
  return derived.flatMap((entry) =>
    entry.kind === "failed"
      ? [{ name: entry.transformation || "a transformation", reason: entry.reason }]
      : [],
  );
}
