import { useSearchParams } from "wouter";
import type { texts } from "../../texts.ts";

/** The parameters of the address that narrow the list: the search, and fields that other views link to. */
const fields = ["q", "type", "publicId", "assetId", "requestId", "handler", "since", "until"] as const;
type State = Exclude<keyof typeof texts.states, "none">;
export type Search = Partial<Record<(typeof fields)[number], string>> & { state?: State };

const states: ReadonlySet<string> = new Set<State>(["due", "running", "done", "skipped", "held", "dead"]);
const isState = (name: string | null): name is State => name !== null && states.has(name);

/** The search in the address. A changed search starts at the newest again. */
export function useSearchFields() {
  const [params, setParams] = useSearchParams();
  const given = fields.flatMap((name) => {
    const value = params.get(name);
    return value ? [[name, value] as const] : [];
  });
  const state = params.get("state");
  const search: Search = { ...Object.fromEntries(given), ...(isState(state) && { state }) };
  return {
    search,
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
