import { Hono } from "hono";
import type { Db } from "../../../lib/database/pool.ts";
import { type Counted, durationBounds, type Labels, readCounters } from "../../../lib/metrics/totals.ts";
import type { Joined } from "../context.ts";

/** For Prometheus: text in its exposition format. Labels hold types, handlers, states and reasons; no names of assets. */
export const metrics = new Hono<Joined>().get("/metrics", async (c) => {
  const [counters, gauges] = await Promise.all([readCounters(c.env.db), readGauges(c.env.db)]);
  return c.body(render([...familiesOf(counters), ...gauges]), 200, {
    "content-type": "text/plain; version=0.0.4; charset=utf-8",
  });
});

interface Family {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  samples: Sample[];
}

interface Sample {
  /** `_bucket`, `_sum`, `_count` of a histogram. */
  suffix?: string;
  labels: Labels<string>;
  value: number;
}

const prefix = "cloudinary_webhooks_";

function familiesOf(counters: readonly Counted[]): Family[] {
  const named = (name: Counted["name"]): Sample[] =>
    counters
      .filter((counter) => counter.name === name)
      .map(({ labels, value }) => ({ labels: asText(labels), value }));
  return [
    {
      name: "received_total",
      type: "counter",
      help: "Notifications that were recorded, by type and by how they were first received.",
      samples: named("received"),
    },
    {
      name: "refused_total",
      type: "counter",
      help: "Requests that were rejected, by reason.",
      samples: named("refused"),
    },
    {
      name: "attempts_total",
      type: "counter",
      help: "Attempts of deliveries that ended, by handler and outcome.",
      samples: named("attempts"),
    },
    {
      name: "attempt_duration_seconds",
      type: "histogram",
      help: "How long attempts took, by handler.",
      samples: histogramOf(counters),
    },
  ];
}

function histogramOf(counters: readonly Counted[]): Sample[] {
  const buckets = counters.filter(({ name }) => name === "attempt_bucket");
  const byHandler = Map.groupBy(buckets, ({ labels }) => String(labels.handler));
  return [...byHandler].flatMap(([handler, own]) => {
    const countUpTo = (last: number) =>
      own.reduce((sum, { labels, value }) => sum + (Number(labels.bucket) <= last ? value : 0), 0);
    const total = countUpTo(durationBounds.length);
    const seconds = counters.find(
      ({ name, labels }) => name === "attempt_seconds" && labels.handler === handler,
    );
    return [
      ...durationBounds.map((bound, at) => ({
        suffix: "_bucket",
        labels: { handler, le: String(bound) },
        value: countUpTo(at),
      })),
      { suffix: "_bucket", labels: { handler, le: "+Inf" }, value: total },
      { suffix: "_sum", labels: { handler }, value: seconds?.value ?? 0 },
      { suffix: "_count", labels: { handler }, value: total },
    ];
  });
}

const asText = (labels: Counted["labels"]): Labels<string> =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));

const openStates = ["due", "running", "held", "dead"] as const;

// One query for each state, so that each reads its partial index.
const openStatement = openStates
  .map(
    (state) =>
      `select handler, '${state}' as state, count(*)::int as value from deliveries where state = '${state}' group by 1`,
  )
  .join(" union all ");

const ageStatement = `
select coalesce(extract(epoch from now() - (
    select min(due_at) from earliest_due where due_at <= now() and handler not in (select handler from paused_handlers)))::float8, 0) as oldest,
  coalesce((select jsonb_object_agg(name, extract(epoch from now() - at)::float8) from heartbeats), '{}') as heartbeats,
  coalesce((select jsonb_object_agg(kind, n) from (select kind, count(*) as n from alert_states where active group by 1) a), '{}') as alerts,
  (select jsonb_agg(handler) from paused_handlers) as paused`;

interface Ages {
  oldest: number;
  heartbeats: Record<string, number>;
  alerts: Record<string, number>;
  paused: string[] | null;
}

async function readGauges(db: Db): Promise<Family[]> {
  const [open, ages] = await Promise.all([
    db.query<{ handler: string; state: string; value: number }>(openStatement),
    db.query<Ages>(ageStatement),
  ]);
  const { oldest = 0, heartbeats = {}, alerts = {}, paused = [] } = ages.rows[0] ?? {};
  const by = (label: string, values: Record<string, number>): Sample[] =>
    Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
  return [
    {
      name: "deliveries",
      type: "gauge",
      help: "Open deliveries, by handler and state: due, running, held (on hold), dead (failed permanently).",
      samples: open.rows.map(({ handler, state, value }) => ({ labels: { handler, state }, value })),
    },
    {
      name: "oldest_due_seconds",
      type: "gauge",
      help: "How long the oldest due delivery has been overdue; 0 if none is. Without those of paused handlers.",
      samples: [{ labels: {}, value: oldest }],
    },
    {
      name: "paused_handlers",
      type: "gauge",
      help: "1 for each handler that is paused.",
      samples: (paused ?? []).map((handler) => ({ labels: { handler }, value: 1 })),
    },
    {
      name: "heartbeat_age_seconds",
      type: "gauge",
      help: "How long ago each function last ran.",
      samples: by("function", heartbeats),
    },
    {
      name: "active_alerts",
      type: "gauge",
      help: "Causes of alerts that last, by kind.",
      samples: by("kind", alerts),
    },
  ];
}

function render(families: readonly Family[]): string {
  return families
    .map(({ name, type, help, samples }) =>
      [
        `# HELP ${prefix}${name} ${help}`,
        `# TYPE ${prefix}${name} ${type}`,
        ...samples.map(
          ({ suffix = "", labels, value }) => `${prefix}${name}${suffix}${labelText(labels)} ${value}`,
        ),
        "",
      ].join("\n"),
    )
    .join("");
}

function labelText(labels: Labels<string>): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

const escaped = (value: string): string =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
