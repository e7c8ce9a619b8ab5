import type { Json } from "../../lib/deliveries/handler.ts";
import { own } from "../../lib/shared/own.ts";
import type { Change } from "./changes.ts";

/** The outcome of one change, shown on the delivery's page. */
export interface Report {
  [key: string]: Json;
  asset: string;
  change: Change["kind"];
}

/** The progress of a delivery, stored between attempts. */
export interface Progress {
  changes: number;
  /** Limited in number, because a notification can name thousands of assets. */
  reports: Json[];
  more: number;
  skus: Set<string>;
  conflicts: number;
  /** Assets whose field holds a list that is not read as several SKUs. */
  lists: number;
}

const shownReports = 100;

export function addReport(progress: Progress, report: Report, skus: readonly string[]): void {
  if (progress.reports.length < shownReports) progress.reports.push(report);
  else progress.more += 1;
  if (report.state === "sku-conflict") progress.conflicts += 1;
  if (report.state === "sku-list") progress.lists += 1;
  for (const sku of skus) progress.skus.add(sku);
}

export function toJson(progress: Progress): Json {
  return { ...progress, skus: [...progress.skus] };
}

/** Stored progress, or initial progress if there is none. */
export function fromJson(json: Json): Progress {
  const saved = typeof json === "object" && json !== null && !Array.isArray(json) ? json : {};
  const count = (key: string) => {
    const value = own(saved, key);
    return typeof value === "number" ? value : 0;
  };
  const list = (key: string) => {
    const value = own(saved, key);
    return Array.isArray(value) ? value : [];
  };
  return {
    changes: count("changes"),
    reports: list("reports"),
    more: count("more"),
    skus: new Set(list("skus").filter((sku) => typeof sku === "string")),
    conflicts: count("conflicts"),
    lists: count("lists"),
  };
}
