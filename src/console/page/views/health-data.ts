import { useQuery } from "@tanstack/react-query";
import type { InferResponseType } from "hono/client";
import { answer, api } from "../api.ts";
import { useCounts } from "../live.ts";
import { paths } from "../paths.ts";
import { texts } from "../texts.ts";

type Answer = InferResponseType<typeof api.health.$get>;
/** The response for operators; the public response contains no problem. */
export type Health = Extract<Answer, { secrets: unknown }>;

/** 503 is an answer too: it says what is wrong. */
async function readHealth() {
  const response = await api.health.$get();
  return {
    ok: response.ok || response.status === 503,
    status: response.status,
    async json(): Promise<Health> {
      const data = await response.json();
      if ("secrets" in data) return data;
      throw new Error("the answer is the public one: nobody is signed in");
    },
  };
}

/** For the dot in the menu and for the view, so that both always tell the same. */
export function useHealth() {
  // Waits for the first counts, so that it does not compete with what is looked at.
  const { isFetched } = useCounts();
  return useQuery({
    queryKey: ["health"],
    queryFn: () => answer(readHealth()),
    refetchInterval: 60_000,
    enabled: isFetched,
  });
}

/** The handlers with their open deliveries, and whether they are paused. */
export function useHandlers() {
  const { isFetched } = useCounts();
  return useQuery({
    queryKey: ["handlers"],
    queryFn: () => answer(api.handlers.$get()),
    enabled: isFetched,
  });
}

export type HandlerRow = InferResponseType<typeof api.handlers.$get, 200>["handlers"][number];

export type HealthState = "well" | "warning" | "failed";

/** One line of what is not well, and the page that shows it. */
export interface Finding {
  id: string;
  level: "warning" | "failed";
  what: string;
  why: string | null;
  fix: string | null;
  to: string;
}

/** Everything that is not well: the problem, what the checks found, handlers that are paused or that nobody knows. */
export function findingsOf(health: Health, handlers: readonly HandlerRow[]): Finding[] {
  const words = texts.health;
  const { problem, findings } = health;
  const own: Finding[] =
    problem === null
      ? []
      : [
          {
            id: problem,
            level: "failed",
            what: words.problemTitles[problem],
            why: words.problemSays[problem],
            fix: null,
            to: problem === "queue-stuck" ? `${paths.inbox}?state=due` : "#checks",
          },
        ];
  const paused = handlers.flatMap(({ name, pausedAt, pausedBy, pauseReason }): Finding[] =>
    pausedAt === null
      ? []
      : [
          {
            id: `paused ${name}`,
            level: "warning",
            what: words.isPaused(name),
            why: words.pausedBy(pausedBy ?? texts.unknown, pauseReason ?? ""),
            fix: words.pausedFix,
            to: "#handlers",
          },
        ],
  );
  const unknown = handlers.flatMap(({ name, configured }): Finding[] =>
    configured
      ? []
      : [
          {
            id: `unknown ${name}`,
            level: "warning",
            what: words.isUnknown(name),
            why: words.unknownWhy,
            fix: words.unknownFix,
            to: `${paths.attention}?handler=${encodeURIComponent(name)}`,
          },
        ],
  );
  const degraded: Finding[] =
    health.level === "degraded"
      ? [
          {
            id: "degraded",
            level: "warning",
            what: words.degraded,
            why: null,
            fix: null,
            to: paths.attention,
          },
        ]
      : [];
  const checked = findings.flatMap(({ id, level, what, why, fix }): Finding[] =>
    level === "failed" || level === "warning" ? [{ id, level, what, why, fix, to: pageOf(id) }] : [],
  );
  return [...own, ...degraded, ...checked, ...paused, ...unknown].toSorted(
    (a, b) => Number(b.level === "failed") - Number(a.level === "failed"),
  );
}

/** The one state, which follows from the findings, so that it never contradicts them. */
export function stateOf(findings: readonly Finding[]): HealthState {
  if (findings.some(({ level }) => level === "failed")) return "failed";
  return findings.length > 0 ? "warning" : "well";
}

const pages: readonly (readonly [RegExp, string])[] = [
  [/^deliveries\.dead/, `${paths.attention}?state=dead`],
  [/^deliveries\.held/, `${paths.attention}?state=held`],
  [/^deliveries\.errors/, paths.attention],
  [/^deliveries\.overdue/, `${paths.inbox}?state=due`],
  [/no-upload/, `${paths.inbox}?type=upload`],
  [/rejected/, paths.refusals],
  [/^pim|pictures/, paths.products],
  [/^secrets/, "#secrets"],
  [/sweep|background/, "#functions"],
];

const pageOf = (id: string): string => pages.find(([pattern]) => pattern.test(id))?.[1] ?? "#checks";
