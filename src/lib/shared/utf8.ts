/** Strict, and keeps a byte order mark, so that bodies in other encodings are stored as bytes instead of being decoded incorrectly. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes UTF-8 bytes. Throws TypeError for other encodings. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
