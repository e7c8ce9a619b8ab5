import { isLoopback } from "../../../lib/shared/loopback.ts";

// Controls, line and paragraph separators, marks that turn the direction of text around, and characters nobody sees.
// The two joiners stay: scripts and emoji need them.
const breaks = /[\p{Cc}\u2028\u2029]+/gu;
const unseen =
  /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/** Text of others as one harmless line of at most `length` characters; the middle goes first, since names differ at their ends. */
export function plain(text: string, length = 120): string {
  const line = text.toWellFormed().replace(breaks, " ").replace(unseen, "").replace(/\s+/g, " ").trim();
  const characters = Array.from(line);
  if (characters.length <= length) return line;
  const head = Math.ceil((length - 1) * 0.6);
  return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (length - 1 - head)).join("")}`;
}

/** For elements and for attributes in quotes of either kind. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The URL if a mail may link to it: https, and http on this machine, where the local stack serves its pictures. Else null. */
export function safeUrl(url: string): string | null {
  if (!URL.canParse(url)) return null;
  const parsed = new URL(url);
  const { protocol, username, password, href } = parsed;
  const usable = protocol === "https:" || (protocol === "http:" && isLoopback(parsed));
  return usable && username === "" && password === "" ? href : null;
}

/** JSON as text that shows every character that could hide or turn others. */
export function plainJson(value: unknown, length = 20_000): string {
  const json = (JSON.stringify(value, null, 2) ?? "").toWellFormed();
  const shown = json.replace(unseen, escaped).replace(/[\u007f-\u009f\u2028\u2029]/g, escaped);
  return shown.length <= length
    ? shown
    : `${shown.slice(0, length).toWellFormed()}\n… cut here; the record has it whole`;
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");
}

/** `1.2 MB`; decimal, as Cloudinary's own pages count. */
export function size(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power]}`;
}
