import { useSyncExternalStore } from "react";

/** The list from which a record was opened, so that its page leads to the next one. Kept as long as the page. */
interface ListContext {
  ids: readonly string[];
  /** Where the list is. */
  address: string;
}

let current: ListContext = { ids: [], address: "/" };
const listeners = new Set<() => void>();

export function rememberList(context: ListContext): void {
  current = context;
  for (const listener of listeners) listener();
}

export function useListContext(): ListContext {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
