import { Button } from "@mantine/core";
import { texts } from "../texts.ts";

interface PagingButtonsProps {
  /** null on the first page. */
  newest: (() => void) | null;
  /** null on the last page. */
  older: (() => void) | null;
  /** For lists that are not in the order of time. */
  words?: { newest: string; older: string };
}

/** Back to the newest entries, and on to older ones. */
export function PagingButtons({ newest, older, words }: PagingButtonsProps) {
  return (
    <div className="paging-buttons">
      {newest && (
        <Button variant="default" size="sm" onClick={newest}>
          {words?.newest ?? texts.newest}
        </Button>
      )}
      {older && (
        <Button variant="default" size="sm" onClick={older}>
          {words?.older ?? texts.inbox.older}
        </Button>
      )}
    </div>
  );
}
