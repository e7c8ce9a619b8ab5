/** Letters that Unicode does not decompose. */
const letters = new Map([
  ["ß", "ss"],
  ["æ", "ae"],
  ["œ", "oe"],
  ["ø", "o"],
  ["đ", "d"],
  ["ð", "d"],
  ["þ", "th"],
  ["ł", "l"],
  ["ı", "i"],
  ["ħ", "h"],
  ["ŋ", "n"],
  ["ς", "σ"],
]);

/**
 * The form in which texts are searched: without case and accents, whatever the Unicode form, and in ASCII only, so that it does not
 * depend on the encoding and the locale of the database, whose trigrams may ignore other letters. A character without an ASCII form
 * becomes its code, such as `~6905`.
 */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/gu, (character) => {
      const plain = letters.get(character);
      if (plain === undefined) return coded(character);
      return /^[ -~]+$/.test(plain) ? plain : coded(plain);
    });
}

function coded(character: string): string {
  return `~${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
