import { useSyncExternalStore } from "react";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const absolute = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const seconds = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const weekday = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const date = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const steps = [
  { unit: "second", ms: 1_000, below: 60_000 },
  { unit: "minute", ms: 60_000, below: 3_600_000 },
  { unit: "hour", ms: 3_600_000, below: 86_400_000 },
  { unit: "day", ms: 86_400_000, below: Number.POSITIVE_INFINITY },
] as const;

const tickMs = 10_000;
const minuteMs = 60_000;

/** "14:31" */
export const timeOf = (at: Date): string => clock.format(at);
/** "14:31:05" */
export const secondsOf = (at: Date): string => seconds.format(at);
/** "Nov 25, 2026, 2:31:05 PM" */
export const exactOf = (at: Date): string => absolute.format(at);
/** "Wednesday, November 25" */
export const dayOf = (at: Date): string => weekday.format(at);

interface WhenProps {
  at: string | null;
  /** `ago`: relative; `exact`: date and time; `short`: relative for ten minutes, then the time of the day, or the date of another day. */
  as?: "ago" | "exact" | "short";
  exact?: boolean;
}

/** An instant; its tooltip has the other form. */
export function When({ at, as = "ago", exact = false }: WhenProps) {
  useSyncExternalStore(everyTick, currentTick); // Re-renders as time passes.
  if (at === null) return null;
  const instant = new Date(at);
  const full = absolute.format(instant);
  const away = agoOf(instant.getTime() - Date.now());
  const isExact = exact || as === "exact";
  return (
    <time dateTime={at} title={isExact ? away : full}>
      {isExact ? full : as === "short" ? shortOf(instant, away) : away}
    </time>
  );
}

function shortOf(instant: Date, away: string): string {
  const now = new Date();
  if (Math.abs(now.getTime() - instant.getTime()) < 10 * minuteMs) return away;
  return instant.toDateString() === now.toDateString() ||
    now.getTime() - instant.getTime() < 24 * 60 * minuteMs
    ? clock.format(instant)
    : date.format(instant);
}

/** Server and browser clocks may differ slightly: an instant this close in the future counts as now. */
const slackMs = 5_000;

function agoOf(ms: number): string {
  const away = ms > 0 && ms < slackMs ? 0 : ms;
  const step = steps.find(({ below }) => Math.abs(away) < below) ?? steps[3];
  return relative.format(Math.trunc(away / step.ms), step.unit);
}

function everyTick(changed: () => void): () => void {
  const timer = setInterval(changed, tickMs);
  return () => clearInterval(timer);
}

const currentTick = () => Math.floor(Date.now() / tickMs);
