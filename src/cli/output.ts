import { masked } from "../lib/shared/masked.ts";

/**
 * Text of strangers for a terminal: what would move the cursor, change colours or turn the direction of reading is written out, secrets and addresses are masked.
 */
export function printable(text: string): string {
  return masked(text).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}

/** Rows as columns: each as wide as its widest entry, the last one open. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((entry, at) => (at === row.length - 1 ? entry : entry.padEnd(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
