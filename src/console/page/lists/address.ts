import { useSearchParams } from "wouter";

/** The filters of a list: null for any text, or the values that one may have. */
export type Fields = Readonly<Record<string, readonly string[] | null>>;

export type Filters<F extends Fields> = {
  [N in keyof F]?: F[N] extends readonly (infer V)[] ? V : string;
};

/** The filters and the page of a list, in the address, so that both can be shared and the back button returns to them. */
export function useListAddress<const F extends Fields>(fields: F, cursor: "before" | "after" = "before") {
  const [params, setParams] = useSearchParams();
  const given = Object.entries(fields).flatMap(([name, values]) => {
    const value = params.get(name);
    return value && (values === null || values.includes(value)) ? [[name, value] as const] : [];
  });
  const change = (changed: Readonly<Record<string, string | null>>) =>
    setParams((now) => {
      const next = new URLSearchParams(now);
      next.delete(cursor);
      for (const [name, value] of Object.entries(changed))
        if (value) next.set(name, value);
        else next.delete(name);
      return next;
    });
  return {
    // Each value was looked up in its field.
    filters: Object.fromEntries(given) as Filters<F>,
    isFiltered: given.length > 0,
    /** A filter's value; '' if it is not set. */
    value: (name: string): string => new Map<string, string>(given).get(name) ?? "",
    /** The cursor of the page; null on the first one. */
    page: params.get(cursor),
    /** An empty value removes the filter. Leads to the first page. */
    set: (name: string, value: string) => change({ [name]: value }),
    clear: () => change(Object.fromEntries(Object.keys(fields).map((name) => [name, null]))),
    go: (next: string | null) => change({ [cursor]: next }),
  };
}

/** Whatever the fields are. */
export type ListAddress = Omit<ReturnType<typeof useListAddress>, "filters"> & { filters: object };
