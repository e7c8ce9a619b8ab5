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

/** From each `@` backwards: looking for what comes before one at every letter takes 64 times as long. */
function withoutAddresses(text: string): string {
  let out = "";
  let copied = 0;
  for (const { index, 0: domain } of text.matchAll(/@[\w-]{1,63}(?:\.[\w-]{1,63})+/g)) {
    const [local] = /[\w.+-]{1,64}$/.exec(text.slice(Math.max(copied, index - 64), index)) ?? [];
    if (local === undefined) continue;
    out += text.slice(copied, index - local.length) + maskAddress(local + domain);
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
  return at < 1 ? "…" : `${address.slice(0, 1)}…${address.slice(at)}`;
}
