import { isLoopback } from "../../../lib/shared/loopback.ts";
import { masked } from "../../../lib/shared/masked.ts";

// Control characters, line and paragraph separators, bidirectional controls, and invisible characters.
// Zero-width joiner and non-joiner are kept, because scripts and emoji need them.
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
const unseen =
  /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/**
 * Untrusted text as a single line of about `length` characters, with secrets and addresses masked, and without text that mail
 * clients turn into links. Long text is cut in the middle, because names often differ at their ends.
 */
export function plain(text: string, length = 120): string {
  const clean = masked(text.toWellFormed()).replace(breaks, " ").replace(unseen, "");
  const line = clean.replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  if (characters.length <= length) return withoutLinks(line);
  const head = Math.ceil((length - 1) * 0.6);
  const end = characters.slice(characters.length - (length - 1 - head)).join("");
  return withoutLinks(`${characters.slice(0, head).join("")}…${end}`);
}

/** File extensions that are not top-level domains: mail clients do not turn `garden.jpg` into a link. */
const fileEndings = new Set(
  "jpg jpeg jp2 jxl png gif webp avif svg bmp ico tif tiff heic heif psd eps pdf mp4 webm avi mkv m4v m3u8 mpd mp3 wav ogg aac flac m4a glb gltf csv txt json xml css js html exe".split(
    " ",
  ),
);

/**
 * Mail clients turn URLs in plain text and subjects into links. Brackets around the separators keep them readable without
 * a link: `https[:]//evil[.]example`.
 */
export function withoutLinks(text: string): string {
  return text
    .replace(/:(?=[/\\]{2})|\b(mailto|tel|javascript|data|sms):/gi, (all, scheme?: string) =>
      scheme === undefined ? "[:]" : `${all.slice(0, -1)}[:]`,
    )
    .replace(/[\p{L}\p{N}_-]{1,500}(?:[.。．｡][\p{L}\p{N}_-]{1,500})+/gu, (name) => {
      const ending = name.slice(Math.max(...dots.map((dot) => name.lastIndexOf(dot))) + 1);
      const isName = /^\P{L}/u.test(ending) && !/^\d{1,3}(\.\d{1,3}){3}$/.test(name);
      return isName || fileEndings.has(ending.toLowerCase()) ? name : name.replace(/[.。．｡]/g, "[.]");
    });
}

const dots = [".", "。", "．", "｡"];

/** Escapes text for elements and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Returns the URL if a mail may link to it: https, or http on loopback, where the local stack serves pictures. Otherwise null. */
export function safeUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const { protocol, username, password, href } = parsed;
  const usable = protocol === "https:" || (protocol === "http:" && isLoopback(parsed));
  // A link with a token would grant access to anyone the mail is forwarded to.
  return usable && username === "" && password === "" && masked(href) === href ? href : null;
}

/** Deeper than any notification of Cloudinary's. Each level is indented, so that the text grows with the depth's square. */
const deepestJson = 100;

/**
 * JSON as text that shows every character that could hide or turn others, with addresses spelled so that nothing makes links
 * of them; still the same JSON, except for what is masked. null: it is nested too deeply to be written.
 */
export function plainJson(value: unknown, length = 20_000): string | null {
  if (isDeeper(value, deepestJson)) return null;
  const json = masked((JSON.stringify(value, null, 2) ?? "").toWellFormed());
  const shown = json
    .replace(unseen, escaped)
    .replace(/[\u007f-\u009f\u2028\u2029]/g, escaped)
    .replaceAll("://", ":\\/\\/")
    .replace(/(?<=\b(?:mailto|tel|javascript|data|sms)):/gi, escaped)
    .replace(/\d{1,3}(?:\.\d{1,3}){3}/g, (address) => address.replaceAll(".", escaped))
    .replace(/(?<=[\p{L}\p{N}])[.。．｡](?=\p{L})/gu, escaped);
  return shown.length <= length
    ? shown
    : `${shown.slice(0, length).toWellFormed()}\n… truncated; the record has the full notification`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeper(part, levels - 1));
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** `1.2 MB`, in decimal units like Cloudinary's console. */
export function size(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}
