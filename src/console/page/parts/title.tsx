import { Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { texts } from "../texts.ts";

/** The heading of the view, which is also the tab title. */
export function ViewTitle({
  children,
  text,
  aside,
}: {
  children?: ReactNode;
  text: string;
  aside?: ReactNode;
}) {
  useEffect(() => {
    document.title = `${text} · ${texts.product}`;
  }, [text]);
  return (
    <div className="view-title">
      <Title order={1} size="h3">
        {children ?? text}
      </Title>
      {aside}
    </div>
  );
}
