import type { Db } from "../../lib/database/pool.ts";
import type { DoctorContext } from "../context.ts";
import { type Finding, failed, notChecked, ok, warning } from "../finding.ts";
import type { Activity } from "../receiver/activity.ts";
import { warningFinding } from "../receiver/warning-finding.ts";
import { type Warning, warningsOf } from "../receiver/warnings.ts";

/** Reported by other checks, with more detail. */
const elsewhere = new Set<Warning["kind"]>([
  "clock",
  "secret-ends",
  "operator-token",
  "configuration",
  "no-account",
  "no-mail",
]);

/** What the receiver has written into its database: deliveries, heartbeats, rejected requests. */
export async function checkReceiver(context: DoctorContext): Promise<Finding[]> {
  const records = await context.records();
  if (records === null)
    return [
      notChecked(
        "deliveries",
        "Deliveries and heartbeats",
        context.isLocal ? "The receiver reports them itself." : "The database or its tables cannot be used.",
      ),
    ];
  const { config, isLocal } = context;
  const { standing: now, signals, activity: lastDay } = records;
  const { db } = await context.database();
  const warnings = warningsOf({
    standing: now,
    signals,
    activity: lastDay,
    clockAheadMs: null,
    config: { ...config, databaseUrl: config.databaseUrl ?? "" },
  });
  const found = warnings.filter(({ kind }) => !elsewhere.has(kind)).map(warningFinding);
  const isQuiet = !found.some(({ id }) => id === "deliveries.overdue" || id === "deliveries.dead");
  return [
    ...(isQuiet ? [ok("deliveries.queue", "No delivery is overdue, and none has failed permanently")] : []),
    ...found,
    ...(isLocal ? [] : heartbeats(lastDay, now.now)),
    ...(await rejections(db, lastDay)),
  ];
}

const neverAfterMs = 30 * 60_000;

/** A sweep that is late is a warning of the receiver's own; here is one that never came. */
function heartbeats({ heartbeats: beats, types }: Activity, now: number): Finding[] {
  const at = (name: string) => beats.find((beat) => beat.name === name)?.at;
  const received = types.map(({ lastAt }) => lastAt.getTime());
  const isNew = received.length === 0 || Math.min(...received) > now - neverAfterMs;
  const found: Finding[] = [];
  const sweep = at("sweep");
  if (sweep) found.push(ok("deliveries.sweep-seen", `The sweep last ran at ${sweep.toISOString()}`));
  else if (isNew)
    found.push(
      notChecked(
        "deliveries.sweep",
        "The sweep",
        "It has not run yet; it runs every five minutes after a production deploy.",
      ),
    );
  else
    found.push(
      failed("deliveries.sweep", "The sweep has never run", {
        why: "Retries, and deliveries whose worker was not reached, are not made.",
        fix: "Publish a production deploy: scheduled functions run on no other. Then look for sweep under Functions in Netlify.",
      }),
    );
  const background = at("deliver-background");
  if (background)
    found.push(ok("deliveries.background", `deliver-background last ran at ${background.toISOString()}`));
  else if (!isNew)
    found.push(
      warning("deliveries.background", "deliver-background has never run", {
        why: "Deliveries wait for the sweep, up to five minutes.",
        fix: "Look for deliver-background under Functions in Netlify; the project must be public, since hooks call it over HTTPS.",
      }),
    );
  return found;
}

/** Requests with Cloudinary's headers that were rejected within the last day. */
async function rejections(db: Db, { secrets }: Activity): Promise<Finding[]> {
  const { rows } = await db.query<{ reason: string; count: number; lastAt: Date; sample: string | null }>(
    `select reason, sum(count)::int as count, max(last_at) as "lastAt",
            (array_agg(samples -> -1 ->> 'id' order by hour desc))[1] as sample
     from refusals where hour > now() - interval '24 hours' and reason <> 'unreadable-cut' group by reason order by 2 desc`,
  );
  const verifiedAt = Math.max(0, ...secrets.map(({ lastAt }) => lastAt.getTime()));
  return rows.map(({ reason, count, lastAt, sample }) => {
    const explain =
      sample === null
        ? "Capture a request and run `npx webhooks doctor --headers <file> --body <file>`."
        : `Run \`npx webhooks doctor --refusal ${sample}\`.`;
    const isAll = verifiedAt < lastAt.getTime() && verifiedAt === 0;
    return (isAll ? failed : warning)(
      `secrets.rejected-${reason}`,
      `${count} ${count === 1 ? "request was" : "requests were"} rejected as ${reason} in the last 24 hours, the last at ${lastAt.toISOString()}`,
      {
        why: isAll
          ? "No notification was accepted in this time: probably none of Cloudinary's arrives."
          : "Others were accepted. These may be forged, or come from another trigger or product environment.",
        fix: explain,
      },
    );
  });
}
