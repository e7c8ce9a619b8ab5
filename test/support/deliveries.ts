import notification from "../../netlify/functions/notification.ts";
import type { Db } from "../../src/lib/database/pool.ts";
import { type ClaimOptions, claim } from "../../src/lib/deliveries/claim.ts";
import type {
  Handler,
  HandlerContext,
  RecordedNotification,
  Settlement,
} from "../../src/lib/deliveries/handler.ts";
import type { Exchange } from "../../src/lib/shared/exchange.ts";
import { settings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.types.ts";
import { invoke } from "./invoke.ts";
import { signedRequest } from "./signed-request.ts";

/** The settings as they are, with these of `deliver` changed. */
export function deliverSettings(changed: Partial<Settings["deliver"]> = {}): Settings {
  return { ...settings, deliver: { ...settings.deliver, ...changed } };
}

/** Sends a body through the front door and returns the notification's id. Set the environment first (`configured`). */
export async function arrive(body: object, origin: string): Promise<string> {
  const response = await invoke(notification, signedRequest(body, { origin }));
  if (response.status !== 200)
    throw new Error(`the hook answered ${response.status}: ${await response.text()}`);
  const { id } = (await response.json()) as { id: string };
  return id;
}

/** Claims the due deliveries of `pim`, as a worker of its own does when it has nothing else to do. */
export function claimPim(db: Db, changed: Partial<ClaimOptions> = {}) {
  return claim(db, {
    worker: crypto.randomUUID(),
    handlers: ["pim"],
    limit: 8,
    idle: true,
    leaseMs: 60_000,
    maxTries: 8,
    maxWorkers: 4,
    ...changed,
  });
}

/**
 * The handler with a deadline that passes when the test says so. After a fixed time, a busy machine may not have come to the point that
 * the test is about.
 */
export function withDeadline(handler: Handler): { handler: Handler; pass(): void } {
  const deadline = new AbortController();
  return {
    handler: {
      name: handler.name,
      handle: (notification, context) =>
        handler.handle(notification, {
          ...context,
          signal: AbortSignal.any([context.signal, deadline.signal]),
        }),
    },
    pass: () => deadline.abort(new DOMException("the deadline", "TimeoutError")),
  };
}

/** Limits of a worker that a pause of the machine does not pass. */
export const unhurried = { budgetMs: 120_000, handlerTimeoutMs: 40_000, secondLookMs: 0 };

/** A handler that does what it is told and keeps what it was given. */
export function scripted(
  name: string,
  handle: (notification: RecordedNotification, context: HandlerContext) => Promise<Settlement> | Settlement,
): Handler & { calls: HandlerContext[] } {
  const calls: HandlerContext[] = [];
  return {
    name,
    calls,
    async handle(notification, context) {
      calls.push(context);
      return await handle(notification, context);
    },
  };
}

export interface DeliveryRow {
  id: string;
  handler: string;
  subject: string | null;
  state: string;
  attempts: number;
  waits: number;
  due_at: Date;
  /** From the end of its last attempt, if it has one: however slow the test is, the wait that was settled. */
  dueInMs: number;
  last_error: string | null;
  result: unknown;
  progress: unknown;
  sending_at: Date | null;
  lease_until: Date | null;
}

/** The column `dueInMs` of deliveries `d`. */
export const dueInMs = `(extract(epoch from d.due_at - coalesce(
  (select max(a.ended_at) from attempts a where a.delivery_id = d.id), now())) * 1000)::float8 as "dueInMs"`;

export async function deliveriesOf(db: Db, notificationId: string): Promise<DeliveryRow[]> {
  const { rows } = await db.query<DeliveryRow>(
    `select d.*, ${dueInMs} from deliveries d where notification_id = $1 order by handler, created_at, subject`,
    [notificationId],
  );
  return rows;
}

export async function attemptsOf(db: Db, deliveryId: string) {
  const { rows } = await db.query<{
    number: number;
    outcome: string | null;
    error: string | null;
    ended: boolean;
  }>(
    "select number, outcome, error, ended_at is not null as ended from attempts where delivery_id = $1 order by number",
    [deliveryId],
  );
  return rows;
}

/** What was kept of the requests that failed, in the order of the attempts. */
export async function exchangesOf(db: Db, notificationId: string): Promise<(Exchange | null)[]> {
  const { rows } = await db.query<{ exchange: Exchange | null }>(
    `select a.exchange from attempts a join deliveries d on d.id = a.delivery_id
     where d.notification_id = $1::uuid order by a.started_at, a.number`,
    [notificationId],
  );
  return rows.map(({ exchange }) => exchange);
}

/** As if the time until the next try had passed. */
export async function makeDue(db: Db): Promise<void> {
  await db.query("update deliveries set due_at = now() where state = 'due'");
}

/** As if every lease had run out. */
export async function endLeases(db: Db): Promise<void> {
  await db.query("update deliveries set lease_until = now() - interval '1 second' where state = 'running'");
}
