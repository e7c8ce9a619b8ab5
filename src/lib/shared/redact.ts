const concealed = new Set<string>();

/** Makes `redact` remove this value wherever it appears. Short values are ignored, because they would match ordinary words. */
export function conceal(value: string | undefined): void {
  if (value !== undefined && value.length >= 8) concealed.add(value);
}

/**
 * Removes configured secrets, e-mail addresses, and credentials in URLs. For everything that is logged or stored as an error. Redact
 * before truncating. If the text is already truncated, the start of a secret at its end is also removed.
 */
export function redact(text: string): string {
  let clean = text;
  for (const value of concealed) clean = withoutBeginning(clean.replaceAll(value, "[secret]"), value);
  // The word itself stands in documentation and in messages about the form of a URL.
  return withoutAddresses(
    clean.replace(/(:\/\/[^/\s:@]{0,200}):(?!secret@)[^/\s@]{1,500}@/g, "$1:[secret]@"),
  );
}

/**
 * An `@`, also escaped, percent-encoded or full-width, and a domain in any script. The last label starts with a letter, so that
 * `react@18.2.0` is not an address. Neither is a high-density file name such as `logo@2x.png`.
 */
const domains =
  /(?:[@\uff20]|\\u0040|%(?:25)?40)(?!\d(?:\.\d)?x\.)(?:[\p{L}\p{M}\p{N}-]{1,63}[.\u3002\uff0e]){1,9}\p{L}[\p{L}\p{M}\p{N}-]{1,62}/giu;
const localPart = /[\p{L}\p{M}\p{N}.+_%-]{1,64}$/u;
const encodedSeparators = /%(?:2[0-9ACF]|3[A-F]|5[BD]|7C)/i;

/** Searches backwards from each `@`: searching forwards from every letter takes 64 times as long. */
function withoutAddresses(text: string): string {
  let out = "";
  let copied = 0;
  for (const { index, 0: domain } of text.matchAll(domains)) {
    const [before] = localPart.exec(text.slice(Math.max(copied, index - 64), index)) ?? [];
    // In percent-encoded text, the part before the name belongs to the URL: `%2Fjane%40`.
    const local = before?.split(encodedSeparators).at(-1);
    if (local === undefined || local === "") continue;
    out += `${text.slice(copied, index - local.length)}${beginning(local)}…${domain}`;
    copied = index + domain.length;
  }
  return out + text.slice(copied);
}

/** Fewer characters of a secret reveal nothing, and may be the start of another word. */
const shortestBeginning = 4;

const blank = "[secret]";

/** Characters that can follow truncated text: an ellipsis, quotes and brackets. */
const afterCut = /[\s….'"`)\]}]*$/;

function withoutBeginning(text: string, secret: string): string {
  if (!text.includes(secret.slice(0, shortestBeginning))) return text; // Nearly every text, and a hundred times as fast.
  const end = text.length - (afterCut.exec(text.slice(-20))?.[0].length ?? 0);
  for (const place of new Set([text.length, end]))
    for (let length = secret.length - 1; length >= shortestBeginning; length -= 1)
      if (text.endsWith(secret.slice(0, length), place))
        return `${text.slice(0, place - length)}${blank}${text.slice(place)}`;
  return text;
}

/** `ada@example.com` as `a…@example.com`, which is recognisable but cannot be used. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 1 ? "…" : `${beginning(address)}…${address.slice(at)}`;
}

const beginning = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0x2026);
