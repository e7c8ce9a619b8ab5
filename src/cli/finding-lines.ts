import type { Finding, Level } from "../doctor/finding.ts";
import { printable, styled } from "./output.ts";

const labels: Readonly<Record<Level, { text: string; colour: "green" | "yellow" | "red" | "gray" }>> = {
  ok: { text: "ok", colour: "green" },
  warning: { text: "warning", colour: "yellow" },
  failed: { text: "failed", colour: "red" },
  "not-checked": { text: "not checked", colour: "gray" },
};
const labelWidth = 13;

/** A finding for people: what, why and how to fix it, a line each. */
export function findingLines({ level, what, why, fix }: Finding): string[] {
  const { text, colour } = labels[level];
  const more = [why, fix && `Fix: ${fix}`].filter((line) => line !== null && line !== "");
  return [
    styled(colour, text) + " ".repeat(labelWidth - text.length) + printable(what),
    ...more.map((line) => " ".repeat(labelWidth) + printable(String(line))),
  ];
}
