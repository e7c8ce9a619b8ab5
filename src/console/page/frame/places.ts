import { useEffect } from "react";
import { useCounts } from "../live.ts";
import type { IconName } from "../parts/icon.tsx";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";
import { findingsOf, stateOf, useHandlers, useHealth } from "../views/health-data.ts";

export interface Badge {
  tone: "bad" | "warn" | "quiet";
  /** null: a dot. */
  count: number | null;
  says: string;
}

export interface Place {
  to: string;
  title: string;
  /** For the bar at the bottom. */
  short?: string;
  icon: IconName;
  /** Also in the bar at the bottom of a narrow screen. */
  isMain?: true;
  /** Only for operators. */
  actsOnly?: true;
  badge?: "attention" | "board" | "health" | "refusals";
}

/** All views, in the order of the menu. */
export const places: readonly { group: keyof typeof texts.sideGroups; links: readonly Place[] }[] = [
  {
    group: "work",
    links: [
      { to: paths.inbox, title: texts.pages.inbox, icon: "inbox", isMain: true },
      {
        to: paths.attention,
        title: texts.pages.attention,
        short: texts.pages.attentionShort,
        icon: "attention",
        isMain: true,
        badge: "attention",
      },
      { to: paths.board, title: texts.pages.board, icon: "shield", isMain: true, badge: "board" },
    ],
  },
  {
    group: "library",
    links: [
      { to: paths.products, title: texts.pages.products, icon: "box", isMain: true },
      { to: paths.faces, title: texts.pages.faces, icon: "people" },
      { to: paths.messages, title: texts.pages.messages, icon: "mail" },
    ],
  },
  {
    group: "receiver",
    links: [
      { to: paths.health, title: texts.pages.health, icon: "health", badge: "health" },
      { to: paths.refusals, title: texts.pages.refusals, icon: "refused", badge: "refusals" },
      { to: paths.try, title: texts.pages.try, icon: "play", actsOnly: true },
      { to: paths.acts, title: texts.pages.acts, icon: "list" },
    ],
  },
];

/** What waits behind each name. The icon of the tab tells the worst of it. */
export function usePlaces(): { of: (place: Place) => Badge | null; others: Badge | null } {
  const { data } = useCounts();
  const health = useHealth();
  const handlers = useHandlers();
  const state = health.data && stateOf(findingsOf(health.data, handlers.data?.handlers ?? []));
  const open = data ? data.held + data.dead : 0;
  useFavicon(state === "failed" || open > 0 ? "red" : state === "warning" ? "amber" : "plain");
  const words = texts.badges;
  const badges: Record<NonNullable<Place["badge"]>, Badge | null> = {
    attention: open > 0 ? { tone: "bad", count: open, says: words.attention(open) } : null,
    board:
      data && data.pending > 0
        ? { tone: "warn", count: data.pending, says: words.board(data.pending) }
        : null,
    health:
      state === "failed"
        ? { tone: "bad", count: null, says: words.failed }
        : state === "warning"
          ? { tone: "warn", count: null, says: words.warning }
          : null,
    refusals:
      data && data.refusedToday > 0
        ? { tone: "quiet", count: data.refusedToday, says: words.refused(data.refusedToday) }
        : null,
  };
  return {
    of: ({ badge }) => (badge ? badges[badge] : null),
    others: badges.health,
  };
}

function useFavicon(look: "plain" | "amber" | "red"): void {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
    if (link) link.href = look === "plain" ? "/icon.svg" : `/icon-${look}.svg`;
  }, [look]);
}
