import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { answer, api } from "./api.ts";
import { useCloudFilter } from "./environment.tsx";
import { queries } from "./queries.ts";

/** How often the page asks whether anything happened. A hidden tab does not ask; it does as soon as it is seen again. */
const askMs = 4_000;
/** While the API is away. */
const awayMs = 10_000;
/** After two missed questions, what is shown counts as old. */
const oldMs = 2 * askMs + 1_000;

/** The numbers beside the names of the views. */
export function useCounts() {
  const query = useCloudFilter();
  return useQuery({
    queryKey: ["counts", query],
    queryFn: () => answer(api.counts.$get({ query })),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => (state.status === "error" ? awayMs : askMs),
    retry: false,
    staleTime: 0,
  });
}

const noClouds: readonly string[] = [];

/** The product environments to choose from; empty with a single one. */
export const useClouds = (): readonly string[] => useCounts().data?.clouds ?? noClouds;

/** Views that the mark does not renew: what never changes, and the counts themselves. */
const fixed: ReadonlySet<unknown> = new Set(["session", "counts", "body", "suggestions"]);
let listPaused = false;

/** While a person reads the list it stays as it is; then it is read again. */
export function pauseList(paused: boolean): void {
  if (listPaused && !paused) void queries.invalidateQueries({ queryKey: ["notifications"] });
  listPaused = paused;
}

/** The one mechanism by which views stay current: when the mark of the counts changes, everything that is shown is read again. */
export function useLive(): void {
  const { data } = useCounts();
  const mark = data?.mark;
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (mark === undefined || mark === last.current) return;
    const isFirst = last.current === undefined;
    last.current = mark;
    if (isFirst) return;
    void queries.invalidateQueries({
      predicate: ({ queryKey: [first] }) => !fixed.has(first) && !(listPaused && first === "notifications"),
    });
  }, [mark]);
}

/** When the page last heard from the API, if that is too long ago; null while all is well. */
export function useOldSince(): Date | null {
  const { dataUpdatedAt, isError, errorUpdatedAt } = useCounts();
  return isError && dataUpdatedAt > 0 && errorUpdatedAt - dataUpdatedAt > oldMs
    ? new Date(dataUpdatedAt)
    : null;
}

/** Tells the other tabs that somebody signed in or out. */
const channel = new BroadcastChannel("session");

export function tellOtherTabs(): void {
  channel.postMessage("changed");
}

export function whenAnotherTabTells(act: () => void): () => void {
  channel.addEventListener("message", act);
  return () => channel.removeEventListener("message", act);
}

/** Whether the screen is narrow: one column, and the bar at the bottom. */
export function useNarrow(): boolean {
  return useSyncExternalStore(subscribeNarrow, () => narrow.matches);
}

const narrow = window.matchMedia("(max-width: 767px)");

function subscribeNarrow(changed: () => void): () => void {
  narrow.addEventListener("change", changed);
  return () => narrow.removeEventListener("change", changed);
}
