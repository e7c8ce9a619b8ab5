/**
 * Whether a body may hold a number of 16 or more digits, the least that one beyond 2^53 needs.
 * Such a run covers a sixteenth byte somewhere, so only those are looked at: a tenth of what a pattern costs.
 */
export function hasLongNumber(body: Uint8Array): boolean {
  for (let at = 15; at < body.length; at += 16) {
    if (!isDigit(body[at])) continue;
    let first = at;
    let last = at;
    while (isDigit(body[first - 1])) first--;
    while (isDigit(body[last + 1])) last++;
    if (last - first >= 15 && startsNumber(body[first - 1])) return true;
    at = last;
  }
  return false;
}

/** Before a number stand only these; before the digits of a fraction or of a hexadecimal id others. */
function startsNumber(before: number | undefined): boolean {
  return before !== undefined && " \t\r\n:,[-".includes(String.fromCharCode(before));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const LONG = /^-?\d{16}/;

/**
 * Puts whole numbers that JavaScript would round (beyond 2^53) into quotes, so that their digits survive as text.
 * A field that must be a number then refuses it, instead of holding another number than was sent.
 * `json` must be valid JSON.
 */
export function quoteBigNumbers(json: string): string {
  let quoted = "";
  let copied = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json.charCodeAt(at);
    if (char === 0x22) at = endOfString(json, at);
    else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
      NUMBER.lastIndex = at;
      const number = NUMBER.exec(json)?.[0] ?? "";
      if (LONG.test(number) && Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER) {
        quoted += `${json.slice(copied, at)}"${number}"`;
        copied = at + number.length;
      }
      at += Math.max(number.length, 1) - 1;
    }
  }
  return quoted + json.slice(copied);
}

/** The index of the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let slashes = 0;
    while (json.charCodeAt(end - 1 - slashes) === 0x5c) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return json.length;
}
