import { masked } from "../../../lib/shared/masked.ts";

/** A body as the page shows it: cut, and without secrets, signatures and e-mail addresses. The exact bytes are a download. */
export interface ShownBody {
  kind: "json" | "text" | "binary";
  /** The text, or a hex dump of bytes that are none. */
  shown: string;
  bytes: number;
  /** Only the beginning is shown. */
  cut: boolean;
  /** Something was left out of what is shown. */
  masked: boolean;
}

const maxShownCharacters = 256 * 1_024;
const maxDumpedBytes = 4 * 1_024;

export function shownBody(body: Uint8Array): ShownBody {
  const text = textOf(body);
  if (text === null || text.includes("\0")) return shownBytes(body);
  // Before it is cut, so that nothing of what begins before the cut is left.
  const clean = masked(text);
  const cut = clean.length > maxShownCharacters;
  return {
    kind: !cut && isJson(clean) ? "json" : "text",
    shown: cut ? clean.slice(0, maxShownCharacters) : clean,
    bytes: body.length,
    cut,
    masked: clean !== text,
  };
}

/** Read byte for byte as characters, so that what can be read in the dump is masked as well. */
function shownBytes(body: Uint8Array): ShownBody {
  const text = Buffer.from(body).toString("latin1");
  const clean = masked(text);
  const bytes = Buffer.from(clean, "latin1");
  return {
    kind: "binary",
    shown: hexDump(bytes.subarray(0, maxDumpedBytes)),
    bytes: body.length,
    cut: bytes.length > maxDumpedBytes,
    masked: clean !== text,
  };
}

function textOf(body: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return null;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Sixteen bytes a line: place, hex, and what of it can be read. */
function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const read = row.map((byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${read}`);
  }
  return lines.join("\n");
}
