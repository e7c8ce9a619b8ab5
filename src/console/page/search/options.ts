import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { notificationTypes } from "../../../lib/notifications/types.ts";
import { type SearchKey, searchKeys } from "../../shared/search-query.ts";
import { answer, api } from "../api.ts";
import { texts } from "../texts.ts";

const words = texts.searchBox;

export interface SearchOption {
  /** The text of the box once it is chosen. */
  becomes: string;
  /** Choosing it searches; else the text waits for the rest of the filter. */
  searches: boolean;
  label: string;
  /** In monospace after the label. */
  code?: string;
  hint?: string;
  small?: string | null;
}

export interface OptionGroup {
  title: string;
  kind: "picture" | "text" | "filter";
  options: SearchOption[];
}

type Suggestions = InferResponseType<typeof api.suggestions.$get, 200>;

/** What the last word of the box may become. */
export function useOptions(draft: string, isOpen: boolean): { groups: OptionGroup[]; word: string } {
  const { before, key, word, not } = lastTerm(draft);
  const kind = key === "sku" || key === "tag" || key === "person" ? key : "any";
  const asks = isOpen && (kind === "any" ? key === "cloud" || (key === null && word.length > 1) : true);
  const { data } = useQuery({
    queryKey: ["suggestions", kind, word],
    queryFn: () => answer(api.suggestions.$get({ query: { q: word, kind } })),
    enabled: asks,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
  const handlers = useQuery({
    queryKey: ["handlers"],
    queryFn: () => answer(api.handlers.$get()),
    enabled: isOpen && key === "handler",
  });
  const context = { before, not, word };
  if (key === null) return { groups: [...found(asks ? data : undefined, context), narrower(context)], word };
  const values = new Map<SearchKey, readonly string[]>([
    ["type", notificationTypes],
    ["state", ["failed", "held", "due", "running", "done", "skipped"]],
    ["handler", handlers.data?.handlers.map(({ name }) => name) ?? []],
    ["cloud", data?.clouds ?? []],
    ["since", Object.keys(words.since)],
    ["until", Object.keys(words.since)],
  ]);
  return {
    groups: kind === "any" ? [valuesOf(key, values.get(key) ?? [], context)] : found(data, context),
    word,
  };
}

interface Context {
  /** What stands before the last term. */
  before: string;
  not: boolean;
  word: string;
}

function lastTerm(draft: string): Context & { key: SearchKey | null } {
  const [, before = "", term = ""] = /^(.*?)((?:[^\s"]|"[^"]*"?)*)$/s.exec(draft) ?? [];
  const not = term.startsWith("-") && term.length > 1;
  const rest = not ? term.slice(1) : term;
  const key = searchKeys.find((known) => rest.toLowerCase().startsWith(`${known}:`)) ?? null;
  const value =
    key === null
      ? rest
      : (rest
          .slice(key.length + 1)
          .split(",")
          .at(-1) ?? "");
  return { before, not, key, word: value.replaceAll('"', "").trim() };
}

const written = (value: string) => (/[\s,":]/.test(value) ? `"${value.replaceAll('"', "")}"` : value);

function found(data: Suggestions | undefined, { before, not }: Context): OptionGroup[] {
  if (data === undefined) return [];
  const filter = (key: SearchKey, value: string) => `${before}${not ? "-" : ""}${key}:${written(value)} `;
  const groups: OptionGroup[] = [
    {
      title: words.products,
      kind: "picture",
      options: data.products.map(({ sku, name, small, count }) => ({
        becomes: filter("sku", sku),
        searches: true,
        label: name ?? sku,
        code: sku,
        hint: words.notifications(count),
        small,
      })),
    },
    {
      title: words.files,
      kind: "picture",
      options: data.files.map(({ name, small }) => ({
        becomes: `${before}${not ? "-" : ""}${written(name)} `,
        searches: true,
        label: name,
        small,
      })),
    },
    {
      title: words.tags,
      kind: "filter",
      options: data.tags.map((tag) => ({ becomes: filter("tag", tag), searches: true, label: `tag:${tag}` })),
    },
    {
      title: words.people,
      kind: "filter",
      options: data.people.map((person) => ({
        becomes: filter("person", person),
        searches: true,
        label: `person:${person}`,
      })),
    },
  ];
  return groups.filter(({ options }) => options.length > 0);
}

function narrower({ before, not, word }: Context): OptionGroup {
  const keys = searchKeys.filter((key) => word === "" || key.startsWith(word.toLowerCase()));
  const shown = keys.length > 0 ? keys : searchKeys;
  return {
    title: words.narrow,
    kind: "filter",
    options: shown.map((key) => ({
      // A word that begins like the filter becomes it; any other word stays.
      becomes: `${before}${keys.length > 0 || word === "" ? "" : `${word} `}${not ? "-" : ""}${key}:`,
      searches: false,
      label: `${key}:`,
      hint: words.filters[key],
    })),
  };
}

function valuesOf(key: SearchKey, values: readonly string[], { before, not, word }: Context): OptionGroup {
  const matching = values.filter((value) => value.toLowerCase().includes(word.toLowerCase()));
  return {
    title: words.filters[key],
    kind: "filter",
    options: matching.slice(0, 12).map((value) => {
      const said = key === "since" || key === "until" ? sinceWords(value) : undefined;
      return {
        becomes: `${before}${not ? "-" : ""}${key}:${written(value)} `,
        searches: true,
        label: `${key}:${value}`,
        ...(said !== undefined && { hint: said }),
      };
    }),
  };
}

function sinceWords(value: string): string | undefined {
  return Object.hasOwn(words.since, value)
    ? Object.entries(words.since).find(([key]) => key === value)?.[1]
    : undefined;
}
