/** Shells reject longer lines; larger bodies are downloaded instead. */
const maxInlineBytes = 48 * 1_024;

/**
 * The command that sends these bytes again, signed by the environment it is run in. In base64 no character of a body means anything to a
 * shell, and every byte arrives.
 */
export function sendCommand(bytes: Uint8Array, { file, url }: { file: string; url: string }): string {
  const send = `npm run webhooks -- send ${file} --url ${url}`;
  if (bytes.length > maxInlineBytes) return send;
  return `printf %s '${base64(bytes)}' | base64 -d > ${file} && ${send}`;
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
