import { countText } from "../../shared/count-text.ts";

/** The search on every page, and the histogram. */
export const searchTexts = {
  search: {
    label: "Search notifications",
    placeholder: "SKU, name, file, tag or request ID",
    products: "Products",
    files: "Files",
    tags: "Tags",
    people: "People",
    values: "Values",
    narrow: "Narrow it down",
    everything: (words: string) => `Everything with “${words}” in it`,
    show: "Show results",
    notifications: (count: number) =>
      count === 1 ? "1 notification" : `${countText(count, 1_000)} notifications`,
    remove: (term: string) => `Remove ${term}`,
    clear: "Clear search",
    meant: (query: string) => `Search for ${query}`,
    scan: "This database has no trigram index (extension pg_trgm), so searches take longer.",
    notYet: (when: string) => `Notifications received before ${when} are not searchable yet.`,
    stopped: (when: string) => `No more results back to ${when}.`,
    further: "Search further back",
    keys: "Arrow keys choose, Enter searches, Escape closes, Backspace removes the last filter.",
    since: {
      "15m": "last 15 minutes",
      "1h": "last hour",
      "6h": "last 6 hours",
      "24h": "last 24 hours",
      "7d": "last 7 days",
      "30d": "last 30 days",
    } as Readonly<Record<string, string>>,
    filters: {
      type: "Type",
      state: "Delivery state",
      handler: "Handler",
      cloud: "Product environment",
      since: "Received after",
      until: "Received before",
      sku: "Product",
      tag: "Tag",
      person: "Person",
    },
  },
  histogram: {
    label: "Notifications over time",
    count: (count: number, complete: boolean) =>
      `${count.toLocaleString("en")}${complete ? "" : "+"} ${count === 1 ? "notification" : "notifications"}`,
    failed: (count: number) => `${count} failed`,
    held: (count: number) => `${count} on hold`,
    reset: "Last 24 hours",
    range: (from: string, to: string) => `${from} to ${to}`,
    now: "now",
    keys: "Arrow keys move, Shift extends, Enter applies, Escape undoes.",
    bar: (from: string, count: number, failed: number, held: number) =>
      [
        `${from}, ${count}`,
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(held > 0 ? [`${held} on hold`] : []),
      ].join(", "),
  },
};
