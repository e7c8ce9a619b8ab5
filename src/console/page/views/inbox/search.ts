import { useSearchParams } from "wouter";
import { texts } from "../../texts.ts";

/** The search fields of the inbox. Each is a parameter in the address, so that a search can be shared. */
export const searchFields = [
  "type",
  "publicId",
  "assetId",
  "requestId",
  "state",
  "handler",
  "since",
  "until",
] as const;
export type SearchField = (typeof searchFields)[number];
export type State = Exclude<keyof typeof texts.states, "none">;
export type Search = Partial<Record<Exclude<SearchField, "state">, string>> & { state?: State };

/** The search parameters in the address, and how to change them. A changed search starts at the newest again. */
export function useSearchFields() {
  const [params, setParams] = useSearchParams();
  const search: Search = {};
  for (const field of searchFields) {
    const value = params.get(field);
    if (value && field !== "state") search[field] = value;
  }
  const state = params.get("state");
  if (isState(state)) search.state = state;
  return {
    search,
    before: params.get("before"),
    set(changed: Partial<Record<SearchField | "before", string>>) {
      setParams((now) => {
        const next = new URLSearchParams(now);
        next.delete("before");
        for (const [name, value] of Object.entries(changed)) {
          if (value === "") next.delete(name);
          else next.set(name, value);
        }
        return next;
      });
    },
    clear: () => setParams({}),
  };
}

function isState(name: string | null): name is State {
  return name !== null && name !== "none" && Object.hasOwn(texts.states, name);
}

/** An instant in the format of a `datetime-local` field. */
export function toField(instant: string | undefined): string {
  if (instant === undefined) return "";
  const date = new Date(instant);
  return Number.isNaN(date.getTime())
    ? ""
    : new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function fromField(local: string): string {
  const date = new Date(local);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}
