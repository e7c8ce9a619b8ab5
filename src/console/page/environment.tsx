import { type ComponentProps, type ReactNode, useCallback } from "react";
import { Router, useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";

/** The parameter of the address. It is kept while moving from view to view. */
const name = "cloud";

const cloudIn = (search: string): string | null => new URLSearchParams(search).get(name) || null;

/** The product environment that the views are limited to; null: all. */
export const useCloud = (): string | null => cloudIn(useSearch());

/** The same, as a filter of the API. */
export function useCloudFilter(): { cloud?: string } {
  const cloud = useCloud();
  return cloud === null ? {} : { cloud };
}

/** Whether two searches of an address are the same apart from the environment. */
export function isSameSearch(one: string, other: string): boolean {
  const plain = (search: string) => {
    const params = new URLSearchParams(search);
    params.delete(name);
    return params.toString();
  };
  return plain(one) === plain(other);
}

/** Limits the view at the present address to an environment, from the first page of its list on. null: all. */
export function chooseCloud(cloud: string | null): void {
  const params = new URLSearchParams(window.location.search);
  for (const position of ["before", "after"]) params.delete(position);
  if (cloud === null) params.delete(name);
  else params.set(name, cloud);
  const search = params.toString();
  navigate(`${window.location.pathname}${search && `?${search}`}`);
}

/** Every link and every step of the page keeps the environment, unless it names one. */
export function KeepsEnvironment({ children }: { children: ReactNode }) {
  const cloud = useCloud();
  const hrefs = useCallback((to: string) => keeping(to, cloud), [cloud]);
  return (
    <Router hrefs={hrefs} aroundNav={around}>
      {children}
    </Router>
  );
}

const around: NonNullable<ComponentProps<typeof Router>["aroundNav"]> = (go, to, options) =>
  go(keeping(to, cloudIn(window.location.search)), options);

function keeping(to: string, cloud: string | null): string {
  if (cloud === null) return to;
  const [, path = "", search = "", hash = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(to) ?? [];
  const params = new URLSearchParams(search);
  if (!params.has(name)) params.set(name, cloud);
  return `${path}?${params}${hash}`;
}
