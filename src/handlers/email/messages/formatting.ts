import type {
  Asset,
  CloudinaryNotification,
  Common,
  Derived,
} from "../../../lib/notifications/notification.ts";
import { isTimeZone } from "../../../lib/shared/placeholders.ts";
import type { Fact, MailFile } from "../compose/message.ts";
import { plain, size } from "../compose/sanitize.ts";
import type { Known } from "../known.ts";

/** An asset with the name by which people know it. */
export type NamedAsset = Asset & { title?: string };

/** The name of an asset in a sentence: its title if there is one, else its display name, and its public id last. */
export function nameOf(asset: NamedAsset | undefined): string {
  return plain(asset?.title || asset?.display_name || asset?.public_id || asset?.asset_id || "an asset", 80);
}

/** The same notification, whose asset has this title. */
export function withTitle<C extends CloudinaryNotification>(content: C, title: string | null): C {
  const [asset, ...others] = content.assets;
  if (title === null || !asset || others.length > 0) return content;
  const named: NamedAsset = { ...asset, title };
  return { ...content, assets: [named] };
}

/** By product and name: `SOFA-1, front view`; null if neither is known. */
export function titleOf(asset: Asset | undefined, known: Known): string | null {
  const [sku, ...others] = known.skus;
  const product = sku === undefined ? null : others.length > 0 ? `${sku} and ${others.length} more` : sku;
  const name = asset?.display_name || known.displayName || known.filename || null;
  if (product === null || name === null || name === product) return product ?? name;
  return `${product}, ${name}`;
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
  return facts({ "Triggered by": who, "Happened at": occurredAt });
}

export function facts(values: Readonly<Record<string, string | Date | undefined>>): Fact[] {
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

/** `9 Oct 2025, 08:55 UTC`. In UTC if the time zone is unknown, which is reported when the receiver starts. */
export function instant(date: Date, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: isTimeZone(timeZone) ? timeZone : "UTC",
    timeZoneName: "short",
  }).format(date);
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
