import { own } from "../../lib/shared/own.ts";

/** The filters that can be written into a search, as in `type:upload -state:done chair`. */
export const searchKeys = [
  "type",
  "state",
  "handler",
  "cloud",
  "since",
  "until",
  "sku",
  "tag",
  "person",
] as const;
export type SearchKey = (typeof searchKeys)[number];

/** The words for states: those of the glossary, and those of the page. */
export const searchStates: Readonly<
  Record<string, "due" | "running" | "done" | "skipped" | "held" | "dead">
> = {
  due: "due",
  queued: "due",
  running: "running",
  done: "done",
  skipped: "skipped",
  held: "held",
  dead: "dead",
  failed: "dead",
};

export interface TermValue {
  text: string;
  /** In quotation marks: a tag or an SKU must be the same, not only begin with it. */
  quoted: boolean;
}

/** One part of a search: a word, or a filter. Any of its values may match. */
export interface Term {
  /** null: a word, which is searched everywhere. */
  key: SearchKey | null;
  values: TermValue[];
  /** What matches is left out. */
  not: boolean;
  /** As it is written, and where. */
  written: string;
  start: number;
}

export type QueryReason =
  | "unknown-filter"
  | "unknown-state"
  | "unknown-type"
  | "unknown-handler"
  | "invalid-time"
  | "empty-filter"
  | "unclosed-quote"
  | "not-negatable"
  | "query-too-long";

/** Why a search is not valid, and the search that was probably meant. */
export interface QueryProblem {
  reason: QueryReason;
  message: string;
  suggestion: string | null;
}

export type ParsedQuery = { ok: true; terms: Term[] } | { ok: false; problem: QueryProblem };

export const maxQueryLength = 500;
const maxTerms = 20;

/** Parses a search. Words and filters are separated by spaces; a comma means "or", a hyphen before a term means "not". */
export function parseQuery(written: string): ParsedQuery {
  // Phones and word processors turn quotation marks.
  const query = written.replace(/[“”„‟«»]/g, '"');
  if (query.length > maxQueryLength)
    return failed("query-too-long", `A search has at most ${maxQueryLength} characters.`);
  const terms: Term[] = [];
  const reader = new Reader(query);
  for (let token = reader.next(); token !== null; token = reader.next()) {
    const term = termOf(token, query);
    if ("reason" in term) return { ok: false, problem: term };
    terms.push(term);
    if (terms.length > maxTerms) return failed("query-too-long", `A search has at most ${maxTerms} terms.`);
  }
  return { ok: true, terms };
}

interface Token {
  not: boolean;
  key: string | null;
  values: TermValue[];
  written: string;
  start: number;
  unclosed: boolean;
}

/** Reads `-key:value,"other value"`, term by term. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | null {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at += 1;
    const start = this.#at;
    if (start >= this.#text.length) return null;
    const not = /^-\S/.test(this.#text.slice(start));
    if (not) this.#at += 1;
    // A colon before a slash belongs to a URL, one after a digit to a time.
    const key = /^([a-zA-Z]+):(?!\/\/)/.exec(this.#text.slice(this.#at))?.[1] ?? null;
    if (key !== null) this.#at += key.length + 1;
    const values: TermValue[] = [];
    let unclosed = false;
    for (let more = true; more; ) {
      const value = this.#value();
      unclosed ||= value.unclosed;
      if (value.text.trim() !== "") values.push({ text: value.text.trim(), quoted: value.quoted });
      more = this.#text[this.#at] === ",";
      if (more) this.#at += 1;
    }
    return { not, key, values, written: this.#text.slice(start, this.#at), start, unclosed };
  }

  /** Up to a space or a comma; quotation marks keep both, and a URL its commas. */
  #value(): TermValue & { unclosed: boolean } {
    let text = "";
    let quoted = false;
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] ?? "";
      if (character === '"') {
        const end = this.#text.indexOf('"', this.#at + 1);
        if (end === -1) {
          text += this.#text.slice(this.#at + 1);
          this.#at = this.#text.length;
          return { text, quoted: true, unclosed: true };
        }
        text += this.#text.slice(this.#at + 1, end);
        quoted = true;
        this.#at = end;
      } else if ((character === "," && !isUrl(text)) || /\s/.test(character)) break;
      else text += character;
    }
    return { text, quoted, unclosed: false };
  }
}

/** Transformations in the URL of a picture have commas. */
const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

function termOf(token: Token, query: string): Term | QueryProblem {
  const { not, values, written, start, unclosed } = token;
  if (unclosed) return problem("unclosed-quote", "A quotation mark is not closed.", `${query}"`);
  if (token.key === null) return { key: null, values: values.length > 0 ? values : [], not, written, start };
  const key = searchKeys.find((known) => known === token.key?.toLowerCase());
  if (key === undefined) return unknownFilter(token, query);
  if (values.length === 0)
    return problem("empty-filter", `${key}: needs a value, such as ${examples[key]}.`, null);
  const term: Term = { key, values, not, written, start };
  return checked(term, query) ?? term;
}

const examples: Readonly<Record<SearchKey, string>> = {
  type: "type:upload",
  state: "state:failed",
  handler: "handler:email",
  cloud: "cloud:demo",
  since: "since:6h",
  until: "until:2026-01-31",
  sku: "sku:CHAIR-100",
  tag: "tag:summer",
  person: "person:ada",
};

/** An example of a filter, for hints. */
export const exampleOf = (key: SearchKey): string => examples[key];

function unknownFilter({ key, written, not }: Token, query: string): QueryProblem {
  const name = key ?? "";
  const near = name.toLowerCase() === "product" ? "sku" : nearest(name.toLowerCase(), searchKeys);
  const value = `${not ? "-" : ""}${written.slice((not ? 1 : 0) + name.length + 1)}`;
  return problem(
    "unknown-filter",
    near === null
      ? `${name}: is not a filter. Names, files, IDs, tags and metadata are found without one.`
      : `${name}: is not a filter. Did you mean ${near}:?`,
    query.replace(written, near === null ? value : written.replace(`${name}:`, `${near}:`)),
  );
}

function checked({ key, values, not, written }: Term, query: string): QueryProblem | null {
  if (key === "state") {
    const wrong = values.find(({ text }) => own(searchStates, text.toLowerCase()) === undefined);
    if (wrong === undefined) return null;
    const near = nearest(wrong.text.toLowerCase(), Object.keys(searchStates));
    const known = "The states are due, running, done, skipped, held and dead (failed).";
    return problem(
      "unknown-state",
      `${wrong.text} is not a state. ${near === null ? known : `Did you mean ${near}?`}`,
      near === null ? null : query.replace(written, written.replace(wrong.text, near)),
    );
  }
  if (key === "since" || key === "until") {
    if (not)
      return problem("not-negatable", `${key}: cannot be negated.`, query.replace(written, written.slice(1)));
    const wrong = values.find(({ text }) => instantOf(text, new Date(0)) === null);
    if (wrong !== undefined || values.length > 1)
      return problem(
        "invalid-time",
        `${(wrong ?? values[1])?.text} is not a time. Write how long ago, such as ${key}:90m, ${key}:6h or ${key}:7d, or a date, such as ${key}:2026-01-31 or ${key}:2026-01-31T12:00Z.`,
        null,
      );
  }
  return null;
}

const units = new Map([
  ["s", 1_000],
  ["m", 60_000],
  ["min", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 7 * 86_400_000],
]);

/** The instant of a value of `since:` or `until:`; null if it is none. A date without a zone is in UTC. */
export function instantOf(text: string, now: Date): Date | null {
  const [, amount, unit = ""] = /^(\d{1,5})(s|m|min|h|d|w)$/i.exec(text) ?? [];
  if (amount !== undefined)
    return new Date(now.getTime() - Number(amount) * (units.get(unit.toLowerCase()) ?? 0));
  if (text.toLowerCase() === "now") return now;
  if (text.toLowerCase() === "today") return new Date(Math.floor(now.getTime() / 86_400_000) * 86_400_000);
  if (text.toLowerCase() === "yesterday")
    return new Date((Math.floor(now.getTime() / 86_400_000) - 1) * 86_400_000);
  if (!/^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i.test(text)) return null;
  const isLocal = /T[\d:.]+$/i.test(text);
  const date = new Date(isLocal ? `${text}Z` : text);
  const year = date.getUTCFullYear();
  return Number.isNaN(date.getTime()) || year < 2000 || year > 2999 ? null : date;
}

/** The known name that a mistyped one is closest to; null if none is close. */
export function nearest(wrong: string, names: readonly string[]): string | null {
  const [best] = names
    .map((name) => ({ name, distance: distanceOf(wrong, name) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(wrong.length / 3)) ? best.name : null;
}

/** Insertions, deletions, replacements and swaps of neighbours. */
function distanceOf(a: string, b: string): number {
  const table = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const cell = (i: number, j: number) => table[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    table.push(row);
    for (let j = 1; j <= b.length; j += 1) {
      const change = cell(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? cell(i - 2, j - 2) + 1 : change;
      row.push(Math.min(cell(i - 1, j) + 1, cell(i, j - 1) + 1, change, swapped));
    }
  }
  return cell(a.length, b.length);
}

/** A term as it is written into a search. Values with spaces, commas or quotation marks are quoted. */
export function writeTerm({ key, values, not }: Pick<Term, "key" | "values" | "not">): string {
  const written = values.map(({ text, quoted }) =>
    quoted || /[\s,"]|^-|^[a-zA-Z]+:/.test(text) ? `"${text.replaceAll('"', "")}"` : text,
  );
  return `${not ? "-" : ""}${key === null ? "" : `${key}:`}${written.join(",")}`;
}

function problem(reason: QueryReason, message: string, suggestion: string | null): QueryProblem {
  return { reason, message, suggestion };
}

function failed(reason: QueryReason, message: string): ParsedQuery {
  return { ok: false, problem: problem(reason, message, null) };
}
