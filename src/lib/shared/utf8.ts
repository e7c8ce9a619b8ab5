/** Fatal, and keeps a byte order mark: a body in another encoding stays bytes instead of becoming a guess. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text of UTF-8 bytes. Throws TypeError for anything else. */
export function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
