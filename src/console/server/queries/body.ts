import { redact } from "../../../lib/shared/redact.ts";

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

const mostShownBytes = 256 * 1_024;
const mostDumpedBytes = 4 * 1_024;

export function shownBody(body: Uint8Array): ShownBody {
  const text = textOf(body);
  if (text === null || text.includes("\0"))
    return {
      kind: "binary",
      shown: hexDump(body.subarray(0, mostDumpedBytes)),
      bytes: body.length,
      cut: body.length > mostDumpedBytes,
      masked: false,
    };
  const cut = body.length > mostShownBytes;
  const part = cut ? text.slice(0, mostShownBytes) : text;
  const shown = withoutSecrets(part);
  return {
    kind: !cut && isJson(text) ? "json" : "text",
    shown,
    bytes: body.length,
    cut,
    masked: shown !== part,
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

/** Length for length the same kind of text: masked JSON is still JSON. */
function withoutSecrets(text: string): string {
  return redact(text)
    .replace(/("(?:api_secret|signature|secret|token|delete_token)"\s*:\s*)"[^"\\]+"/gi, '$1"[masked]"')
    .replace(/__cld_token__=[^"&\s]+/g, "__cld_token__=[masked]");
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
