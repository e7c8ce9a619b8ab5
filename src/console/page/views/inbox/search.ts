import { useSearchParams } from "wouter";
import { searchOf } from "./query.ts";

/** The search in the address. A changed search starts at the newest again. */
export function useSearchFields() {
  const [params, setParams] = useSearchParams();
  return {
    search: searchOf(params),
    before: params.get("before"),
    /** Leads to a page of the list; without `before`, to the newest. */
    set({ before }: { before?: string }) {
      setParams((now) => {
        const next = new URLSearchParams(now);
        if (before) next.set("before", before);
        else next.delete("before");
        return next;
      });
    },
    clear: () => setParams({}),
  };
}
