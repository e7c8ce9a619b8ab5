const concealed = new Set<string>();

/** From now on `redact` blanks this value wherever it appears. Short values are left out: they would blank ordinary words. */
export function conceal(value: string | undefined): void {
  if (value !== undefined && value.length >= 8) concealed.add(value);
}

/**
 * The text without configured secrets, e-mail addresses, and credentials in URLs. For everything that is logged or stored as an
 * error. Redact before you cut; where others have cut the text already, the beginning of a secret at its end is blanked too.
 */
export function redact(text: string): string {
  let clean = text;
  for (const value of concealed) clean = withoutBeginning(clean.replaceAll(value, "[secret]"), value);
  return withoutAddresses(clean.replace(/(:\/\/[^/\s:@]{0,200}):[^/\s@]{1,500}@/g, "$1:[secret]@"));
}

/**
 * An `@`, also escaped, percent-encoded or full-width, and a domain in any script. The last label begins with a letter, so that
 * `react@18.2.0` is no address, and neither is the name of a picture for dense screens, `logo@2x.png`.
 */
const domains =
  /(?:[@\uff20]|\\u0040|%(?:25)?40)(?!\d(?:\.\d)?x\.)(?:[\p{L}\p{M}\p{N}-]{1,63}[.\u3002\uff0e]){1,9}\p{L}[\p{L}\p{M}\p{N}-]{1,62}/giu;
const localPart = /[\p{L}\p{M}\p{N}.+_%-]{1,64}$/u;
const encodedSeparators = /%(?:2[0-9ACF]|3[A-F]|5[BD]|7C)/i;

/** From each `@` backwards: looking for what comes before one at every letter takes 64 times as long. */
function withoutAddresses(text: string): string {
  let out = "";
  let copied = 0;
  for (const { index, 0: domain } of text.matchAll(domains)) {
    const [before] = localPart.exec(text.slice(Math.max(copied, index - 64), index)) ?? [];
    // Percent-encoded, what stands before the name belongs to the URL: `%2Fjane%40`.
    const local = before?.split(encodedSeparators).at(-1);
    if (local === undefined || local === "") continue;
    out += `${text.slice(copied, index - local.length)}${beginning(local)}…${domain}`;
    copied = index + domain.length;
  }
  return out + text.slice(copied);
}

/** Fewer characters of a secret than this are as good as none, and may well begin another word. */
const shortestBeginning = 4;

const blank = "[secret]";

/** What may follow the place at which a text was cut: an ellipsis, and quotes and brackets around it. */
const afterCut = /[\s….'"`)\]}]*$/;

function withoutBeginning(text: string, secret: string): string {
  const end = text.length - (afterCut.exec(text.slice(-20))?.[0].length ?? 0);
  for (const place of new Set([text.length, end]))
    for (let length = secret.length - 1; length >= shortestBeginning; length -= 1)
      if (text.endsWith(secret.slice(0, length), place))
        return `${text.slice(0, place - length)}${blank}${text.slice(place)}`;
  return text;
}

/** `ada@example.com` as `a…@example.com`: enough to recognise, not enough to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 1 ? "…" : `${beginning(address)}…${address.slice(at)}`;
}

const beginning = (text: string): string => String.fromCodePoint(text.codePointAt(0) ?? 0x2026);
