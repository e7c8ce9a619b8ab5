import { Button } from "@mantine/core";
import { texts } from "../texts.ts";

interface PagingButtonsProps {
  /** null on the first page. */
  newest: (() => void) | null;
  /** null on the last page. */
  older: (() => void) | null;
}

/** Back to the newest entries, and on to older ones. */
export function PagingButtons({ newest, older }: PagingButtonsProps) {
  return (
    <div className="paging-buttons">
      {newest && (
        <Button variant="default" size="sm" onClick={newest}>
          {texts.newest}
        </Button>
      )}
      {older && (
        <Button variant="default" size="sm" onClick={older}>
          {texts.inbox.older}
        </Button>
      )}
    </div>
  );
}
