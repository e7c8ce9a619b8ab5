import { gunzipSync } from "node:zlib";
import { escapes, slashes, spacings } from "./json-forms.ts";

/** A body that may be the one that was signed. */
export interface BodyForm {
  /** How the signed body differs from the captured one; "" for not at all. */
  name: string;
  bytes: Buffer;
}

/** Beyond this, combinations of changes are not tried: each is a further digest of the whole body. */
const maxCombinedBytes = 512 * 1024;
const maxUnzippedBytes = 16 * 1024 * 1024;

/** What the body may have been before something on its way changed it: the likeliest first, without repeats. */
export function* bodyForms(body: Buffer): Generator<BodyForm> {
  yield { name: "", bytes: body };
  const seen = new Set<string>([body.toString("latin1")]);
  for (const form of candidates(body)) {
    const key = form.bytes.toString("latin1");
    if (seen.has(key)) continue;
    seen.add(key);
    yield form;
  }
}

function* candidates(body: Buffer): Generator<BodyForm> {
  yield* ends(body, "");
  yield* encodings(body);
  const text = body.toString("utf8");
  const together = body.byteLength <= maxCombinedBytes;
  for (const spacing of spacings)
    for (const slash of slashes)
      for (const spelling of escapes) {
        const changes = [spacing, slash, spelling].filter(({ name }) => name !== "");
        if (changes.length === 0 || (changes.length > 1 && !together)) continue;
        const written = changes.reduce<string | null>(
          (so, { write }) => (so === null ? null : write(so)),
          text.trim(),
        );
        if (written === null) continue;
        const name = changes.map((change) => change.name).join(", ");
        yield { name, bytes: Buffer.from(written) };
        if (together) yield* ends(Buffer.from(written), `${name}, `);
      }
}

function* ends(body: Buffer, before: string): Generator<BodyForm> {
  const text = body.toString("latin1");
  const as = (name: string, changed: string): BodyForm => ({
    name: before + name,
    bytes: Buffer.from(changed, "latin1"),
  });
  yield as("with a line break at its end", `${text}\n`);
  yield as("with a line break (CR LF) at its end", `${text}\r\n`);
  yield as("without the line break at its end", text.replace(/[\r\n]+$/, ""));
  yield as("without the byte order mark at its beginning", text.replace(/^\xef\xbb\xbf/, ""));
  yield as("with LF instead of CR LF as line breaks", text.replaceAll("\r\n", "\n"));
  yield as("with CR LF instead of LF as line breaks", text.replace(/\r?\n/g, "\r\n"));
}

function* encodings(body: Buffer): Generator<BodyForm> {
  // Bytes of UTF-8 that were read as Latin-1 and written as UTF-8 again, and text that was written as Latin-1.
  yield {
    name: "in UTF-8: it was read as Latin-1 on its way",
    bytes: Buffer.from(body.toString("utf8"), "latin1"),
  };
  yield {
    name: "in UTF-8: it was written as Latin-1 on its way",
    bytes: Buffer.from(body.toString("latin1"), "utf8"),
  };
  if (/^[A-Za-z0-9+/=\s]+$/.test(body.subarray(0, 1_000).toString("latin1")))
    yield { name: "decoded from Base64", bytes: Buffer.from(body.toString("latin1"), "base64") };
  if (body[0] === 0x1f && body[1] === 0x8b) yield* unzipped(body);
}

function* unzipped(body: Buffer): Generator<BodyForm> {
  try {
    yield { name: "decompressed (gzip)", bytes: gunzipSync(body, { maxOutputLength: maxUnzippedBytes }) };
  } catch {
    // Cut off, or too large: then it is not what was signed.
  }
}
