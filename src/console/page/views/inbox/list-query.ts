import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "../../api.ts";
import type { Search } from "./query.ts";

/** One page of the list; `useLive` renews it. */
export function listQuery(search: Search, before: string | null) {
  const query = { ...search, ...(before !== null && { before }) };
  return queryOptions({
    queryKey: ["notifications", query],
    queryFn: () => answer(api.notifications.$get({ query })),
  });
}
