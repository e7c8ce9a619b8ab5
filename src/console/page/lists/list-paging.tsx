import { PagingButtons } from "../parts/paging-buttons.tsx";
import { texts } from "../texts.ts";
import type { ListAddress } from "./address.ts";

interface ListPagingProps {
  address: Pick<ListAddress, "page" | "go">;
  /** The cursor of the next page; null on the last one. */
  next: string | null;
  /** The page is not full although there is a next one: older entries were not looked at yet. */
  isShort?: boolean;
  /** For lists that are not in the order of time. */
  words?: { newest: string; older: string };
}

/** Leads to the first page and to the next one of a list whose page is in the address. */
export function ListPaging({ address, next, isShort = false, words }: ListPagingProps) {
  return (
    <div className="paging">
      {isShort && next !== null && <p className="small quiet">{texts.lists.goesOn}</p>}
      <PagingButtons
        newest={address.page === null ? null : () => address.go(null)}
        older={next === null ? null : () => address.go(next)}
        {...(words && { words })}
      />
    </div>
  );
}
