import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useEffect, useRef, useState } from "react";
import { answer, api } from "../../api.ts";
import { liveMs } from "../../queries.ts";
import type { Search } from "./search.ts";

export type ListPage = InferResponseType<typeof api.notifications.$get, 200>;
export type Listed = ListPage["notifications"][number];

/** One page of the list; the newest page refreshes itself while live. */
export function useListed(search: Search, before: string | null, live: boolean) {
  const query = { ...search, ...(before !== null && { before }) };
  return useQuery({
    queryKey: ["notifications", query],
    queryFn: () => answer(api.notifications.$get({ query })),
    placeholderData: keepPreviousData,
    refetchInterval: live && before === null ? liveMs : false,
  });
}

/** The rows that arrived since the view was opened; each is highlighted once. A changed search resets this. */
export function useArrivals(rows: readonly Listed[] | undefined, searchKey: string): ReadonlySet<string> {
  const known = useRef<{ key: string; ids: Set<string> } | null>(null);
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    if (rows === undefined) return;
    const ids = new Set(rows.map(({ id }) => id));
    const before = known.current?.key === searchKey ? known.current.ids : null;
    const fresh = before ? [...ids].filter((id) => !before.has(id)) : [];
    known.current = { key: searchKey, ids: before ? before.union(ids) : ids };
    if (fresh.length > 0 || before === null) setArrived(new Set(fresh));
  }, [rows, searchKey]);
  return arrived;
}
