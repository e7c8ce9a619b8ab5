import { useSyncExternalStore } from "react";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
const absolute = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });
const steps = [
  { unit: "second", ms: 1_000, below: 60_000 },
  { unit: "minute", ms: 60_000, below: 3_600_000 },
  { unit: "hour", ms: 3_600_000, below: 86_400_000 },
  { unit: "day", ms: 86_400_000, below: Number.POSITIVE_INFINITY },
] as const;

const tickMs = 10_000;

/** An instant, relative or absolute; the tooltip has the other form. */
export function When({ at, exact = false }: { at: string | null; exact?: boolean }) {
  useSyncExternalStore(everyTick, currentTick); // Re-renders as time passes.
  if (at === null) return null;
  const date = new Date(at);
  const full = absolute.format(date);
  const away = agoOf(date.getTime() - Date.now());
  return (
    <time dateTime={at} title={exact ? away : full}>
      {exact ? full : away}
    </time>
  );
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
