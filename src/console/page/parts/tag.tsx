import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

/** What a sign means: `bad` failed, `warn` waits for somebody, `info` goes on by itself, `quiet` neither, `locked` is not public. */
export type Tone = "bad" | "warn" | "info" | "quiet" | "good" | "locked";

const signs: Readonly<Record<Tone, IconName>> = {
  bad: "close",
  warn: "bars",
  info: "retry",
  quiet: "dash",
  good: "check",
  locked: "lock",
};

/** An exception in colour, sign and words, so that none of them is needed alone. */
export function Tag({
  tone,
  icon = signs[tone],
  children,
}: {
  tone: Tone;
  icon?: IconName;
  children: ReactNode;
}) {
  return (
    <span className={`tag ${tone}`}>
      <Icon name={icon} size={12} />
      <span>{children}</span>
    </span>
  );
}

/** An SKU, or another name that people say to each other. */
export function Sku({ children }: { children: string }) {
  return <bdi className="sku">{children}</bdi>;
}
