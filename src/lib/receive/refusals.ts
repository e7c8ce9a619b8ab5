import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";
import { masked } from "../shared/masked.ts";
import type { RefusalReason } from "./outcome.ts";

/** The stored data of a rejected request, for diagnosis. Contains neither its body nor its signature. */
interface Sample {
  /** In the log line of the request, too. */
  id: string;
  at: string;
  path: string;
  userAgent: string;
  signatureLength: number;
  timestamp: string;
  /** Whether it has an EdDSA signature. */
  eddsa: boolean;
  contentType: string;
}

export interface Refused {
  id: string;
  request: Request;
  reason: RefusalReason;
}

interface Tally {
  count: number;
  sample: Sample;
}

const writeEveryMs = 10_000;
const tallies = new Map<RefusalReason, Tally>();
let writtenAt = 0;

/**
 * Counts a rejected request. The first count is written at once, later ones at most every ten seconds, so that a flood of forged
 * requests needs one counter in memory for each reason, and few writes. Only requests with an x-cld header are counted, so that
 * scanners do not wake a sleeping database. `atOnce`: every count is written at once, for `npm start`, whose user wants to see it. Never throws.
 */
export async function countRefusal(
  { id, request, reason }: Refused,
  db: Db,
  { now = Date.now(), atOnce = false }: { now?: number; atOnce?: boolean } = {},
): Promise<void> {
  if (!claimsCloudinary(request.headers)) return;
  const tally = tallies.get(reason);
  if (tally) tally.count += 1;
  else tallies.set(reason, { count: 1, sample: { id, ...sampleOf(request, now) } });
  if (!atOnce && now - writtenAt < writeEveryMs) return;
  writtenAt = now;
  const pending = [...tallies];
  tallies.clear();
  try {
    await db.query(statement, [
      JSON.stringify(pending.map(([name, { count, sample }]) => ({ reason: name, count, sample }))),
    ]);
  } catch (error) {
    log("warn", "rejected requests not counted", { error: errorText(error), refusals: pending.length });
  }
}

// Five samples for each hour and reason.
const statement = `
insert into refusals as r (reason, hour, count, samples)
select t.reason, date_trunc('hour', now()), t.count, jsonb_build_array(t.sample)
from jsonb_to_recordset($1::jsonb) as t (reason text, count bigint, sample jsonb)
on conflict (reason, hour) do update set
  count = r.count + excluded.count,
  last_at = now(),
  samples = case when jsonb_array_length(r.samples) < 5 then r.samples || excluded.samples else r.samples end`;

function claimsCloudinary(headers: Headers): boolean {
  return ["x-cld-signature", "x-cld-timestamp", "x-cld-signature_v2"].some((name) => headers.has(name));
}

function sampleOf(request: Request, now: number): Omit<Sample, "id"> {
  const header = (name: string) => (request.headers.get(name) ?? "").replace(/[^\x20-\x7e]/g, "?");
  return {
    at: new Date(now).toISOString(),
    path: masked(new URL(request.url).pathname).slice(0, 100),
    userAgent: masked(header("user-agent")).slice(0, 100),
    signatureLength: header("x-cld-signature").length,
    timestamp: masked(header("x-cld-timestamp")).slice(0, 20),
    eddsa: request.headers.has("x-cld-signature_v2"),
    contentType: masked(header("content-type")).slice(0, 60),
  };
}
