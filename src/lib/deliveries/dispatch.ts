import type { Settings } from "../../settings.types.ts";
import type { Db } from "../database/pool.ts";
import { isRefusedValue } from "../database/refusal.ts";
import { parse } from "../notifications/parse.ts";
import { ceiling } from "../shared/ceiling.ts";
import { rejectOnAbort } from "../shared/deadline.ts";
import { type Exchange, witness } from "../shared/exchange.ts";
import { errorText } from "../shared/log.ts";
import { isProgramError } from "../shared/program-error.ts";
import type { Job } from "./claim.ts";
import type { Handler, HandlerContext, Settlement } from "./handler.ts";

export interface DispatchOptions {
  db: Db;
  handlers: readonly Handler[];
  settings: Settings;
  /** The handler's deadline. */
  timeoutMs: number;
}

/** Another worker has the delivery: this one must stop without settling. */
export class LeaseLost extends Error {
  override name = "LeaseLost" as const;
}

/** How an attempt ended, and the last request in it that failed. */
export interface Attempted {
  settlement: Settlement;
  exchange: Exchange | null;
}

/** Parses the notification, runs the handler within its deadline, and returns the outcome of the attempt. Throws only `LeaseLost`. */
export async function dispatch(job: Job, options: DispatchOptions): Promise<Attempted> {
  const { done, exchange } = witness(() => outcomeOf(job, options));
  const settlement = await done;
  return { settlement, exchange: exchange() };
}

async function outcomeOf(job: Job, options: DispatchOptions): Promise<Settlement> {
  const handler = options.handlers.find(({ name }) => name === job.handler);
  if (!handler) return { kind: "give-up", error: `unknown handler ${job.handler}` };
  // Planned by a replay at the same time as the erasure.
  if (job.erased) return { kind: "skip", reason: "erased" };
  const latest = ceiling(job.signedAt ?? job.receivedAt, options.settings);
  const parsed = parse(job.body, latest, job.assetPrefix);
  if (!parsed.ok) return { kind: "give-up", error: schemaError(parsed.issues) };

  const mark = { set: false };
  // Not AbortSignal.timeout, whose timer stays until the deadline, also when the handler has long ended.
  const deadline = new AbortController();
  const timer = setTimeout(
    () => deadline.abort(new DOMException("the handler's deadline", "TimeoutError")),
    options.timeoutMs,
  );
  try {
    return await Promise.race([
      handler.handle(
        {
          id: job.notificationId,
          receivedAt: job.receivedAt,
          signedAt: job.signedAt,
          source: job.source,
          cloud: job.cloud,
          byPublicHook: job.byPublicHook,
          content: parsed.notification,
        },
        contextOf(job, options, deadline.signal, mark),
      ),
      rejectOnAbort(deadline.signal),
    ]);
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    // A request that was marked as sending may have been sent, and there is no way to check.
    if (mark.set) return { kind: "hold", reason: "outcome-unknown" };
    if (deadline.signal.aborted)
      return { kind: "retry", error: `deadline: the handler took longer than ${options.timeoutMs} ms` };
    if (isRefusedValue(error))
      return {
        kind: "give-up",
        error: `the database rejects a value of this notification: ${errorText(error)}`,
      };
    if (isProgramError(error)) return { kind: "give-up", error: errorText(error) };
    return { kind: "retry", error: errorText(error) };
  } finally {
    clearTimeout(timer);
  }
}

const marking = `
update deliveries d set
  subject = coalesce($3, d.subject),
  sending_at = case when $3 is null or sent.n < $4::int then now() end
from (
  select count(*) as n from (
    select from deliveries
    where handler = (select handler from deliveries where id = $1::uuid) and subject = $3
      and sending_at > now() - $5::bigint * interval '1 ms' and id <> $1::uuid
    limit $4::int) recent) sent
where d.id = $1::uuid and d.state = 'running' and d.attempts = $2::int and d.lease_until > now()
returning d.sending_at is not null as marked`;

function contextOf(
  job: Job,
  { db, settings }: DispatchOptions,
  signal: AbortSignal,
  mark: { set: boolean },
): HandlerContext {
  return {
    deliveryId: job.deliveryId,
    subject: job.subject,
    attempt: job.tries,
    claimNumber: job.attempts,
    progress: job.progress,
    settings,
    db,
    signal,
    async markSending(gate, repeatable = false) {
      const { rows } = await db.query<{ marked: boolean }>(marking, [
        job.deliveryId,
        job.attempts,
        gate?.subject ?? null,
        gate?.most ?? null,
        gate?.withinMs ?? null,
      ]);
      const [row] = rows;
      if (!row) throw new LeaseLost(`delivery ${job.deliveryId} was claimed by another worker`);
      if (row.marked && !repeatable) mark.set = true;
      return row.marked;
    },
  };
}

function schemaError(issues: readonly { path: string; message: string }[]): string {
  const list = issues.slice(0, 5).map(({ path, message }) => `${path || "body"}: ${message}`);
  return `schema: ${list.join("; ")}${issues.length > 5 ? `; and ${issues.length - 5} more` : ""}`;
}
