import { PagingButtons } from "../parts/paging-buttons.tsx";
import type { ListAddress } from "./address.ts";

interface ListPagingProps {
  address: Pick<ListAddress, "page" | "go">;
  /** The cursor of the next page; null on the last one. */
  next: string | null;
  /** For lists that are not in the order of time. */
  words?: { newest: string; older: string };
}

/** Leads to the first page and to the next one of a list whose page is in the address. */
export function ListPaging({ address, next, words }: ListPagingProps) {
  return (
    <div className="paging">
      <PagingButtons
        newest={address.page === null ? null : () => address.go(null)}
        older={next === null ? null : () => address.go(next)}
        {...(words && { words })}
      />
    </div>
  );
}
