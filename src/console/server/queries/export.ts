import type { Config } from "../../../config.types.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { shownValue } from "../masked-answers.ts";

/** Function responses are limited to 20 MB; this is about half of that. */
const maxRows = 10_000;

export const exportFormats = ["json", "csv"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** A list as it is exported: the same rows and filters as on the page. */
export interface ExportedList {
  /** The member of the JSON document, and the name of the file. */
  name: string;
  filters: object;
  /** A page of rows after a cursor; null: the first page. */
  page(after: string | null): Promise<{ rows: readonly object[]; next: string | null }>;
}

/** The list as JSON or CSV, read page by page while it is sent, with secrets and addresses masked. */
export function exported(
  list: ExportedList,
  format: ExportFormat,
  config: Config,
): ReadableStream<Uint8Array> {
  const parts = format === "json" ? jsonParts(list, config) : csvParts(list, config);
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await parts.next();
        if (done) controller.close();
        else controller.enqueue(Buffer.from(value));
      } catch (error) {
        log("error", "export interrupted", { error: errorText(error) });
        controller.error(error);
      }
    },
  });
}

/** The headers of an export. */
export const exportHeaders = (name: string, format: ExportFormat) => ({
  "content-type": format === "json" ? "application/json" : "text/csv; charset=utf-8",
  "content-disposition": `attachment; filename="${name}.${format}"`,
});

async function* pagesOf({
  page,
}: ExportedList): AsyncGenerator<{ rows: readonly object[]; complete: boolean }> {
  let after: string | null = null;
  let count = 0;
  do {
    const { rows, next }: { rows: readonly object[]; next: string | null } = await page(after);
    count += rows.length;
    after = next;
    yield { rows, complete: next === null };
  } while (after !== null && count < maxRows);
}

async function* jsonParts(list: ExportedList, config: Config): AsyncGenerator<string> {
  let isFirst = true;
  let complete = true;
  yield `{"filters":${JSON.stringify(shownValue(list.filters, config))},"${list.name}":[`;
  for await (const page of pagesOf(list)) {
    const rows = page.rows.map((row) => JSON.stringify(shownValue(row, config))).join(",\n");
    yield `${isFirst || rows === "" ? "" : ","}\n${rows}`;
    isFirst &&= rows === "";
    complete = page.complete;
  }
  yield `\n],"complete":${complete}}\n`;
}

/** The columns are the members of the first row. Numbers and texts stay as they are; everything else is JSON in its cell. */
async function* csvParts(list: ExportedList, config: Config): AsyncGenerator<string> {
  let columns: string[] | null = null;
  for await (const { rows } of pagesOf(list)) {
    const [first] = rows;
    if (first === undefined) continue;
    // The byte order mark makes spreadsheets read UTF-8.
    if (columns === null) yield `\u{feff}${Object.keys(first).map(cellOf).join(",")}\r\n`;
    columns ??= Object.keys(first);
    yield rows.map((row) => `${lineOf(row, columns ?? [], config)}\r\n`).join("");
  }
  if (columns === null) yield "\u{feff}";
}

function lineOf(row: object, columns: readonly string[], config: Config): string {
  const shown = shownValue(row, config);
  const values = new Map(Object.entries(Object(shown)));
  return columns.map((column) => cellOf(values.get(column))).join(",");
}

/** A cell that no spreadsheet runs as a formula: such a text is preceded by an apostrophe. */
export function cellOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  const text =
    value instanceof Date ? value.toISOString() : typeof value === "string" ? value : JSON.stringify(value);
  const safe = /^[\s\p{C}]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/u.test(text) ? `'${text}` : text;
  return /[",\r\n;\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
