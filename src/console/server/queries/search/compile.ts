import { fold } from "../../../../lib/search/fold.ts";
import { signs } from "../../../../lib/search/named.ts";
import { own } from "../../../../lib/shared/own.ts";
import {
  instantOf,
  parseQuery,
  type SearchKey,
  searchStates,
  type Term,
  type TermValue,
} from "../../../shared/search-query.ts";
import { invalidQuery } from "../../api-error.ts";
import { type DeliveryState, deliveryStates, type Filters } from "../filters.ts";

/** A filter with its search, ready for a statement. */
export interface Search {
  /** As it is written. */
  q: string;
  /** null: any. */
  types: string[] | null;
  notTypes: string[];
  clouds: string[] | null;
  notClouds: string[];
  /** One delivery has one of these states and one of these handlers; null: any. */
  states: DeliveryState[] | null;
  handlers: string[] | null;
  /** No delivery has one of these. */
  notStates: DeliveryState[];
  notHandlers: string[];
  text: TextTerm[];
  since: string | undefined;
  until: string | undefined;
  before: string | undefined;
  assetId: string | undefined;
  publicId: string | undefined;
  requestId: string | undefined;
}

/** Any of the patterns occurs in the text, or a whole id is the notification's. */
export interface TextTerm {
  not: boolean;
  /** For `like`. */
  patterns: string[];
  /** The trigram index can find each of the patterns. */
  indexable: boolean;
  /** Request ids. */
  requestIds: string[];
  /** Ids of notifications. */
  ids: string[];
}

/** Adds the search of a filter to its other members. Ends the request with an error if the search is not valid. */
export function compile(filters: Filters & { before?: string | undefined }, now = new Date()): Search {
  const { type, state, handler, cloud, q = "", ...rest } = filters;
  const parsed = parseQuery(q);
  if (!parsed.ok) return invalidQuery(parsed.problem);
  const { terms } = parsed;
  const of = (key: SearchKey, not: boolean) =>
    terms
      .filter((term) => term.key === key && term.not === not)
      .map(({ values }) => values.map(({ text }) => text));
  const types = meet([...(type === undefined ? [] : [[type]]), ...of("type", false)]);
  const states = meet([...(state === undefined ? [] : [[state]]), ...of("state", false).map(statesIn)]);
  const handlers = meet([...(handler === undefined ? [] : [[handler]]), ...of("handler", false)]);
  const notStates = statesIn(of("state", true).flat());
  const isOneDelivery = handlers !== null || states !== null;
  return {
    q,
    types,
    notTypes: of("type", true).flat(),
    clouds: meet([...(cloud === undefined ? [] : [[cloud]]), ...of("cloud", false)]),
    notClouds: of("cloud", true).flat(),
    // With a handler, its own delivery must not have the state.
    states: isOneDelivery && notStates.length > 0 ? without(states, notStates) : states,
    handlers,
    notStates: isOneDelivery ? [] : notStates,
    notHandlers: of("handler", true).flat(),
    text: terms.flatMap(textTerm),
    since: latest([
      rest.since,
      ...of("since", false)
        .flat()
        .map((text) => timeIn(text, now)),
    ]),
    until: earliest([
      rest.until,
      ...of("until", false)
        .flat()
        .map((text) => timeIn(text, now)),
    ]),
    before: rest.before,
    assetId: rest.assetId,
    publicId: rest.publicId,
    requestId: rest.requestId,
  };
}

/** Values that all lists contain; null without lists. */
function meet<V>(lists: readonly (readonly V[])[]): V[] | null {
  const [first, ...rest] = lists;
  if (first === undefined) return null;
  return [...new Set(first)].filter((value) => rest.every((list) => list.includes(value)));
}

function statesIn(names: readonly string[]): DeliveryState[] {
  return names.flatMap((name) => own(searchStates, name.toLowerCase()) ?? []);
}

function without(states: DeliveryState[] | null, not: readonly DeliveryState[]): DeliveryState[] {
  return (states ?? [...deliveryStates]).filter((state) => !not.includes(state));
}

const timeIn = (text: string, now: Date): string | undefined => instantOf(text, now)?.toISOString();

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times.flatMap((time) => time ?? []).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.flatMap((time) => time ?? []).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
}

function textTerm({ key, values, not }: Term): TextTerm[] {
  if (key !== null && !(key === "sku" || key === "tag" || key === "person")) return [];
  const patterns = values.flatMap((value) =>
    (key === null ? spellingsOf(value.text) : [value.text]).flatMap(
      (text) => patternOf(key, { ...value, text }) ?? [],
    ),
  );
  if (patterns.length === 0) return [];
  const texts = key === null ? values.map(({ text }) => text.toLowerCase()) : [];
  return [
    {
      not,
      patterns,
      // A pattern needs three letters or digits in a row; a sign starts a word, which counts as two.
      indexable: patterns.every((pattern) => /[a-z0-9]{3}|\n[#$@^][a-z0-9]/.test(pattern)),
      requestIds: texts.filter((text) => /^[0-9a-f]{16,64}$/.test(text)),
      ids: texts.filter((text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)),
    },
  ];
}

/** What a pasted text may mean: of the URL of a picture, its public id; of a path, the same without a slash before it or its format. */
function spellingsOf(text: string): string[] {
  const [, delivered = ""] =
    /^https?:\/\/[^/]+\/.*?\/(?:upload|private|authenticated)\/([^?#]+)/i.exec(text) ?? [];
  const path = delivered === "" ? text : (delivered.split(/(?:^|\/)v\d+\//).at(-1) ?? delivered);
  const bare = path.replace(/^\/+/, "");
  const isPath = bare.includes("/") && bare.length > 1;
  const withoutFormat = isPath ? bare.replace(/\.[a-z0-9]{2,5}$/i, "") : bare;
  return [...new Set([text, ...(bare === "" ? [] : [bare, decoded(withoutFormat)])])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function patternOf(key: "sku" | "tag" | "person" | null, { text, quoted }: TermValue): string | null {
  const folded = escaped(fold(text).trim());
  if (folded === "") return null;
  if (key === null) return `%${folded}%`;
  return `%\n${signs[key]}${folded}${quoted ? "\n" : ""}%`;
}

const escaped = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** Whether the rows have to be looked at one by one, because a condition is not on the notification itself. */
export function looksFurther({ text, states, handlers, notStates, notHandlers, notClouds }: Search): boolean {
  return (
    text.length + notStates.length + notHandlers.length + notClouds.length > 0 ||
    states !== null ||
    handlers !== null
  );
}
