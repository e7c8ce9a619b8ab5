import { isJson } from "../../../lib/shared/json.ts";
import { masked } from "../../../lib/shared/masked.ts";

/** A body for display: shortened, and without secrets, signatures and e-mail addresses. The exact bytes are available as a download. */
export interface ShownBody {
  kind: "json" | "text" | "binary";
  /** The text, or a hex dump of binary data. */
  shown: string;
  bytes: number;
  /** Only the beginning is included. */
  cut: boolean;
  /** Some values are masked. */
  masked: boolean;
}

const maxShownCharacters = 256 * 1_024;
const maxDumpedBytes = 4 * 1_024;

export function shownBody(body: Uint8Array): ShownBody {
  const text = textOf(body);
  if (text === null || text.includes("\0")) return shownBytes(body);
  // Masked before it is shortened, so that no partial secret remains.
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

/** Decoded byte by byte, so that readable text in the dump is masked as well. */
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

/** Sixteen bytes per line: offset, hex, and printable characters. */
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
