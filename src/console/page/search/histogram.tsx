import { UnstyledButton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from "react";
import { instantOf } from "../../shared/search-query.ts";
import { answer, api } from "../api.ts";
import { useCloudFilter } from "../environment.tsx";
import { texts } from "../texts.ts";
import { splitQuery, useSearchQuery, withFilters } from "./address.ts";

const words = texts.histogram;
const height = 64;
const step = 10;
const dayMs = 24 * 60 * 60_000;
/** An exception is seen, however many others there are. */
const least = 3;

interface Selected {
  from: number;
  to: number;
}

/** The notifications of a search over time. A part that is dragged over, tapped, or chosen by the arrow keys becomes the range of the search. */
export function Histogram({ refetchMs }: { refetchMs: number | false }) {
  const { q, find } = useSearchQuery();
  const isNarrow = useMediaQuery("(max-width: 767px)") ?? false;
  const bars = isNarrow ? 24 : 96;
  const range = rangeOf(q);
  const cloud = useCloudFilter();
  const { data } = useQuery({
    queryKey: ["notifications", "counts", q, bars, cloud],
    queryFn: () => {
      const now = rangeOf(q);
      return answer(
        api.notifications.counts.$get({
          query: {
            q: withFilters(q, { since: null, until: null }),
            since: now.since.toISOString(),
            until: now.until.toISOString(),
            bars: String(bars),
            ...cloud,
          },
        }),
      );
    },
    placeholderData: keepPreviousData,
    refetchInterval: refetchMs,
  });
  const [chosen, setChosen] = useState<Selected | null>(null);
  const anchor = useRef<number | null>(null);
  const focus = useRef<number | null>(null);
  const fixed = useRef<number | null>(null);
  const chart = useRef<HTMLDivElement>(null);
  const keysId = useId();
  if (data === undefined) return <div className="histogram" aria-hidden="true" />;

  const [since, until] = [Date.parse(data.since), Date.parse(data.until)];
  const widthMs = (until - since) / data.bars.length;
  const applied = selectionIn(range, { since, widthMs, bars: data.bars.length });
  const shown = chosen ?? applied;
  const inside = (index: number) => shown === null || (index >= shown.from && index <= shown.to);
  const within = data.bars.filter(
    (_, index) => applied === null || (index >= applied.from && index <= applied.to),
  );
  const sum = (key: "count" | "failed" | "held") => within.reduce((total, bar) => total + bar[key], 0);
  const most = Math.max(1, ...data.bars.map(({ count }) => count));
  const place = (x: number) => {
    const box = chart.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return 0;
    const index = Math.floor(((x - box.left) / box.width) * data.bars.length);
    return Math.min(data.bars.length - 1, Math.max(0, index));
  };
  const forget = () => {
    anchor.current = null;
    focus.current = null;
    fixed.current = null;
    setChosen(null);
  };
  const apply = ({ from, to }: Selected) => {
    forget();
    const isToNow = to === data.bars.length - 1 && Date.now() - until < 2 * widthMs + 60_000;
    find(
      withFilters(q, {
        since: written(new Date(since + from * widthMs)),
        until: isToNow ? null : written(new Date(since + (to + 1) * widthMs)),
      }),
    );
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const at = place(event.clientX);
    anchor.current = at;
    setChosen({ from: at, to: at });
  };
  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (anchor.current === null) return;
    const at = place(event.clientX);
    setChosen({ from: Math.min(anchor.current, at), to: Math.max(anchor.current, at) });
  };
  const onPointerUp = () => {
    if (anchor.current !== null && chosen !== null) apply(chosen);
    else forget();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const move = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const last = data.bars.length - 1;
    if (move !== 0) {
      event.preventDefault();
      const at = focus.current ?? applied?.to ?? last + 1;
      const next = Math.min(last, Math.max(0, at + move));
      focus.current = next;
      // Shift keeps the other end where it is.
      if (event.shiftKey) fixed.current ??= Math.min(last, at);
      else fixed.current = next;
      const other = fixed.current ?? next;
      setChosen({ from: Math.min(other, next), to: Math.max(other, next) });
    } else if (event.key === "Enter" && chosen !== null) {
      event.preventDefault();
      apply(chosen);
    } else if (event.key === "Escape" && chosen !== null) {
      event.preventDefault();
      forget();
    }
  };
  const read = shown === null ? data.bars.at(-1) : data.bars[shown.to];
  return (
    <figure className="histogram" aria-label={words.label}>
      <figcaption>
        <strong>{words.count(sum("count"), data.complete)}</strong>{" "}
        <span className="quiet">
          {words.range(
            timeOf(applied ? since + applied.from * widthMs : since, until - since),
            applied && applied.to < data.bars.length - 1
              ? timeOf(since + (applied.to + 1) * widthMs, until - since)
              : words.now,
          )}
        </span>
        <span className="histogram-legend">
          {sum("failed") > 0 && <span className="legend-failed">{words.failed(sum("failed"))}</span>}
          {sum("held") > 0 && <span className="legend-held">{words.held(sum("held"))}</span>}
          {splitQuery(q).filters.some(({ key }) => key === "since" || key === "until") && (
            <UnstyledButton
              className="textual"
              onClick={() => find(withFilters(q, { since: null, until: null }))}
            >
              {words.reset}
            </UnstyledButton>
          )}
        </span>
      </figcaption>
      <div
        ref={chart}
        className="histogram-chart"
        role="slider"
        tabIndex={0}
        data-keys
        aria-label={words.label}
        aria-describedby={keysId}
        aria-valuemin={0}
        aria-valuemax={data.bars.length - 1}
        aria-valuenow={shown?.to ?? data.bars.length - 1}
        aria-valuetext={
          read && words.bar(timeOf(Date.parse(read.at), until - since), read.count, read.failed, read.held)
        }
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerCancel={forget}
        onKeyDown={onKeyDown}
      >
        <svg
          viewBox={`0 0 ${data.bars.length * step} ${height}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          focusable="false"
        >
          {shown !== null && (
            <rect
              className="histogram-range"
              x={shown.from * step}
              y={0}
              width={(shown.to - shown.from + 1) * step}
              height={height}
            />
          )}
          {data.bars.map((bar, index) => (
            <Bar key={bar.at} bar={bar} x={index * step} most={most} faint={!inside(index)} />
          ))}
        </svg>
      </div>
      <div className="histogram-times quiet small" aria-hidden="true">
        <span>{timeOf(since, until - since)}</span>
        <span>{timeOf(since + (until - since) / 2, until - since)}</span>
        <span>{Date.now() - until < 2 * widthMs + 60_000 ? words.now : timeOf(until, until - since)}</span>
      </div>
      <p id={keysId} className="hidden-text">
        {words.keys}
      </p>
    </figure>
  );
}

interface BarProps {
  bar: { at: string; count: number; failed: number; held: number };
  x: number;
  most: number;
  faint: boolean;
}

function Bar({ bar, x, most, faint }: BarProps) {
  const tall = (count: number, minimum: number) =>
    count === 0 ? 0 : Math.max(minimum, (count / most) * (height - 2));
  const failed = tall(bar.failed, least);
  const held = tall(bar.held, least);
  const others = Math.max(0, tall(bar.count, 1) - failed - held);
  const parts = [
    { look: "others", y: height - others, tall: others },
    { look: "held", y: height - others - held, tall: held },
    { look: "failed", y: height - others - held - failed, tall: failed },
  ].filter((part) => part.tall > 0);
  return (
    <g className={faint ? "faint" : undefined}>
      {parts.map((part) => (
        <rect
          key={part.look}
          className={`bar-${part.look}`}
          x={x + 0.8}
          y={Math.max(0, part.y)}
          width={step - 1.6}
          height={part.tall}
        />
      ))}
    </g>
  );
}

interface Range {
  /** Of the chart. */
  since: Date;
  until: Date;
  /** Of the search; null: not limited. */
  from: Date | null;
  to: Date | null;
}

/** The chart shows the last 24 hours, or more if the search reaches further. */
function rangeOf(q: string): Range {
  const now = new Date();
  const { filters } = splitQuery(q);
  const timeOfKey = (wanted: "since" | "until") => {
    const text = filters.find(({ key }) => key === wanted)?.values[0]?.text;
    return text === undefined ? null : instantOf(text, now);
  };
  const [from, to] = [timeOfKey("since"), timeOfKey("until")];
  const start = Math.min(
    now.getTime() - dayMs,
    from?.getTime() ?? Number.POSITIVE_INFINITY,
    to ? to.getTime() - dayMs : Number.POSITIVE_INFINITY,
  );
  return { since: new Date(start), until: now, from, to };
}

function selectionIn(
  { from, to }: Range,
  { since, widthMs, bars }: { since: number; widthMs: number; bars: number },
): Selected | null {
  if (from === null && to === null) return null;
  const index = (at: Date, round: (x: number) => number) =>
    Math.min(bars - 1, Math.max(0, round((at.getTime() - since) / widthMs)));
  const first = from === null ? 0 : index(from, (x) => Math.floor(x + 0.01));
  const last = to === null ? bars - 1 : index(to, (x) => Math.ceil(x - 0.01) - 1);
  return { from: Math.min(first, last), to: Math.max(first, last) };
}

/** To the minute, in UTC: the same for everybody who gets the link. */
function written(at: Date): string {
  return `${new Date(Math.round(at.getTime() / 60_000) * 60_000).toISOString().slice(0, 16)}Z`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const withDay = new Intl.DateTimeFormat("en-GB", { weekday: "short", hour: "2-digit", minute: "2-digit" });
const withDate = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

function timeOf(at: number, widthMs: number): string {
  if (widthMs > 14 * dayMs) return withDate.format(at);
  return (new Date(at).toDateString() === new Date().toDateString() ? clock : withDay).format(at);
}
