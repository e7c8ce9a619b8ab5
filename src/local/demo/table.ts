import type { FlowResult } from "./flow.ts";

const headings = ["Flow", "Sent", "Arrived", "Done", "Time", ""];
const widths = [20, 24, 18, 34, 6, 7];

/** A table of the results, flow by flow, for a terminal of 120 columns; long cells are wrapped. */
export function table(results: readonly FlowResult[]): string {
  const rows = [headings, ...results.map(cellsOf)].map((cells) => wrapped(cells));
  const line = widths.map((width) => "-".repeat(width)).join("  ");
  const [head = "", ...rest] = rows;
  const problems = results
    .filter(({ outcome }) => outcome === "fail")
    .map(({ id, problem }) => `${id} failed. ${problem}`);
  return [head, line, ...rest, ...(problems.length > 0 ? ["", ...problems] : [])].join("\n");
}

function cellsOf({ id, title, sent, arrived, done, ms, outcome, problem }: FlowResult): string[] {
  const does = outcome === "not-yet" ? [problem ?? ""] : done;
  const time = outcome === "not-yet" ? "" : `${(ms / 1_000).toFixed(1)} s`;
  const end = { pass: "pass", fail: "FAIL", "not-yet": "not yet" }[outcome];
  return [
    `${id.padEnd(4)}${title}`,
    sent.join("; "),
    counted(arrived.map(({ type }) => type)),
    does.join("; "),
    time,
    end,
  ];
}

/** `upload, moderation x2` */
function counted(types: readonly string[]): string {
  return [...new Set(types)]
    .map((type) => {
      const count = types.filter((other) => other === type).length;
      return count === 1 ? type : `${type} x${count}`;
    })
    .join(", ");
}

function wrapped(cells: readonly string[]): string {
  const columns = cells.map((text, at) => linesOf(text, widths[at] ?? 0));
  const height = Math.max(...columns.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines, at) => (lines[row] ?? "").padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  ).join("\n");
}

function linesOf(text: string, width: number): string[] {
  const lines: string[] = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= width || last === "") lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
