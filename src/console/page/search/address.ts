import { useCallback } from "react";
import { useLocation, useSearch } from "wouter";
import { parseQuery, type SearchKey, type Term, writeTerm } from "../../shared/search-query.ts";
import { useClouds } from "../live.ts";
import { paths } from "../paths.ts";

/** The search in the address, so that it can be shared, and the back button returns to it. */
export function useSearchQuery() {
  const [path, navigate] = useLocation();
  const params = new URLSearchParams(useSearch());
  const q = path === paths.inbox ? (params.get("q") ?? "") : "";
  const clouds = useClouds();
  const find = useCallback(
    (query: string) => {
      const cloud = cloudIn(query, clouds);
      const rest = cloud === null ? query : withFilters(query, { cloud: null });
      const params = [
        ...(rest.trim() === "" ? [] : [`q=${encodeURIComponent(rest.trim().replace(/\s+/g, " "))}`]),
        ...(cloud === null ? [] : [`cloud=${encodeURIComponent(cloud)}`]),
      ];
      navigate(`${paths.inbox}${params.length > 0 ? "?" : ""}${params.join("&")}`);
    },
    [navigate, clouds],
  );
  return { q, find };
}

/** The environment that a search chooses, which is then the one of all views: the only one that it names. */
function cloudIn(query: string, clouds: readonly string[]): string | null {
  const named = splitQuery(query).filters.filter(({ key }) => key === "cloud");
  const [only] = named;
  if (only === undefined || named.length > 1 || only.not || only.values.length > 1) return null;
  return clouds.find((cloud) => cloud === only.values[0]?.text) ?? null;
}

/** A search in two parts: its filters, and the words. A search that is not valid is all words. */
export interface SplitQuery {
  filters: Term[];
  words: string;
}

export function splitQuery(q: string): SplitQuery {
  const parsed = parseQuery(q);
  if (!parsed.ok) return { filters: [], words: q };
  return {
    filters: parsed.terms.filter(({ key }) => key !== null),
    words: parsed.terms
      .filter(({ key }) => key === null)
      .map(writeTerm)
      .join(" "),
  };
}

/** The search with a filter in place of all others of its keys; an absent value removes them. */
export function withFilters(q: string, changed: Readonly<Partial<Record<SearchKey, string | null>>>): string {
  const { filters, words } = splitQuery(q);
  const kept = filters.filter(({ key }) => key !== null && !Object.hasOwn(changed, key));
  const added = Object.entries(changed).flatMap(([key, value]) =>
    typeof value === "string"
      ? `${key}:${/[\s,"]/.test(value) ? `"${value.replaceAll('"', "")}"` : value}`
      : [],
  );
  return [...kept.map(writeTerm), ...added, words].filter(Boolean).join(" ");
}
