const maxLength = 60;

/** Names of Cloudinary's vocabulary, such as `approved` or `resource_tags_changed`. A text of a person looks different, or is masked. */
const isWord = (text: string): boolean =>
  /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(text) && text.length <= maxLength;

/** A name that Cloudinary chose: of a type, of a field, or of a status. Anything that does not look like one is masked. */
export const nameSample = (text: string): string => (isWord(text) ? text : maskedText(text));

/**
 * The form of a value without its content, so that it holds no personal data: letters become `x`, digits become `0`. Of objects and
 * lists only the size.
 */
export function sampleOf(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return `"${maskedText(value)}"`;
  if (typeof value === "number") return String(value).slice(0, maxLength).replaceAll(/\d/g, "0");
  if (Array.isArray(value))
    return value.length === 0
      ? "[]"
      : `[${value.length}: ${Array.isArray(value[0]) ? "[…]" : sampleOf(value[0])}]`;
  return typeof value === "object" ? `{${fields(Object.keys(value).length)}}` : typeof value;
}

function maskedText(text: string): string {
  const start = text.slice(0, maxLength);
  const form = start
    .replaceAll(/\p{Lu}/gu, "X")
    .replaceAll(/[\p{L}\p{M}]/gu, (letter) => (letter === "X" ? "X" : "x"))
    .replaceAll(/\p{N}/gu, "0")
    // Neither line breaks nor signs that a terminal or a page could take for something else.
    .replaceAll(/[^xX0 .,:;_/@#?&=%+()[\]{}|*-]/g, "?");
  return text.length > maxLength ? `${form}…` : form;
}

const fields = (count: number): string => `${count} field${count === 1 ? "" : "s"}`;
