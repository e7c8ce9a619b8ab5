import { createContext, type ReactNode, useContext } from "react";
import { useCloud } from "../environment.tsx";
import { useClouds } from "../live.ts";
import { texts } from "../texts.ts";
import { Icon } from "./icon.tsx";

const words = texts.environments;

/** Whether rows name their environments: where those of several are shown. */
const IsNamedContext = createContext(false);

export function NamesEnvironments({ children }: { children: ReactNode }) {
  const isAll = useCloud() === null;
  const hasSeveral = useClouds().length > 0;
  return <IsNamedContext value={isAll && hasSeveral}>{children}</IsNamedContext>;
}

/** The environment of a row, where rows of several are shown. */
export function CloudName({ cloud }: { cloud: string | null }) {
  const isNamed = useContext(IsNamedContext);
  if (cloud === null || !isNamed) return null;
  return (
    <span className="cloud-name">
      <Icon name="cloud" size={12} /> <span className="hidden-text">{words.label}: </span>
      <bdi>{cloud}</bdi>
    </span>
  );
}

/** Of a view whose data belongs to no environment. */
export function AllEnvironments() {
  return useCloud() === null ? null : <p className="view-lead">{words.notLimited}</p>;
}

export interface CloudCount {
  cloud: string | null;
  count: number;
}

/** "3 in shop-prod, 1 in campaigns"; nothing for a single one. */
export function CloudCounts({ counts }: { counts: readonly CloudCount[] }) {
  if (counts.length < 2) return null;
  return (
    <p className="small">
      <Icon name="cloud" size={12} />{" "}
      {counts.map(({ cloud, count }, index) => (
        <span key={cloud ?? ""}>
          {index > 0 && ", "}
          {count} {cloud === null ? words.unknown : words.within} {cloud !== null && <bdi>{cloud}</bdi>}
        </span>
      ))}
    </p>
  );
}

/** How many rows each environment has, the most first. */
export function countClouds(rows: readonly { cloud: string | null }[]): CloudCount[] {
  return [...Map.groupBy(rows, ({ cloud }) => cloud)]
    .map(([cloud, some]) => ({ cloud, count: some.length }))
    .toSorted((a, b) => b.count - a.count);
}
