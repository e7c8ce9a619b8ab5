import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { useEffect, useRef, useState } from "react";
import type { api } from "../../api.ts";
import { listQuery } from "./list-query.ts";
import type { Search } from "./query.ts";

export type ListPage = InferResponseType<typeof api.notifications.$get, 200>;
export type Listed = ListPage["notifications"][number];

export const useListed = (search: Search, before: string | null) =>
  useQuery({ ...listQuery(search, before), placeholderData: keepPreviousData });

/** How far somebody has to be down the list for new rows not to move it. */
const readingPx = 160;

/** The rows to show: new ones enter only at the top of the page, else they wait behind a button. */
export function useShownRows(rows: readonly Listed[] | undefined, searchKey: string) {
  const [shown, setShown] = useState<{ key: string; rows: readonly Listed[] } | null>(null);
  const isNew = (row: Listed) => !shown?.rows.some(({ id }) => id === row.id);
  const isSame = shown?.key === searchKey;
  const fresh = isSame && rows ? rows.filter(isNew) : [];
  useEffect(() => {
    if (rows === undefined) return;
    setShown((before) => {
      const hasNew =
        before?.key === searchKey && rows.some((row) => !before.rows.some(({ id }) => id === row.id));
      if (!hasNew || window.scrollY < readingPx) return { key: searchKey, rows };
      // What is known is renewed in its place.
      const byId = new Map(rows.map((row) => [row.id, row]));
      return { key: searchKey, rows: before.rows.map((row) => byId.get(row.id) ?? row) };
    });
  }, [rows, searchKey]);
  return {
    rows: isSame ? shown.rows : rows,
    waiting: isSame && shown.rows !== rows ? fresh.length : 0,
    showNew() {
      if (rows) setShown({ key: searchKey, rows });
      window.scrollTo({ top: 0 });
    },
  };
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
