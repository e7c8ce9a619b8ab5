import { Button } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useCounts, useOldSince } from "../live.ts";
import { texts } from "../texts.ts";
import { timeOf } from "./when.tsx";

interface ViewTitleProps {
  /** The tab's title, and the heading unless `children` is given. */
  text: string;
  children?: ReactNode;
  /** Right after the heading: the tabs of a view. */
  beside?: ReactNode;
  aside?: ReactNode;
}

/** The heading of the view. The tab's title leads with how much needs attention. */
export function ViewTitle({ text, children, beside, aside }: ViewTitleProps) {
  const { data } = useCounts();
  const open = data ? data.held + data.dead : 0;
  useEffect(() => {
    document.title = `${open > 0 ? `(${open}) ` : ""}${text} · ${texts.product}`;
  }, [text, open]);
  return (
    <div className="view-title">
      <h1>{children ?? text}</h1>
      {beside}
      <Old />
      {aside && <div className="view-aside">{aside}</div>}
    </div>
  );
}

/** How old what is shown is, if the API does not answer. */
function Old() {
  const since = useOldSince();
  const { refetch, isFetching } = useCounts();
  return (
    <span role="status" className="old-place">
      {since !== null && (
        <span className="old">
          {texts.asOf(timeOf(since))}{" "}
          <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
            {texts.again}
          </Button>
        </span>
      )}
    </span>
  );
}
