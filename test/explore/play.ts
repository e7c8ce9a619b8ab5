import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import notification from "../../netlify/functions/notification.ts";
import { localResend } from "../../src/local/resend/local-resend.ts";
import type { Mailbox, ReceivedMail } from "../../src/local/sendgrid/mailbox.ts";
import { settings } from "../../src/settings.ts";
import { invoke, type NetlifyFunctionHandler } from "../support/invoke.ts";
import { signedRequest } from "../support/signed-request.ts";
import { start, virtualTime } from "./clock.ts";
import { account, apiUrl, openCloud } from "./cloud.ts";
import { embedded } from "./database.ts";
import { type Event, type History, histories } from "./events.ts";
import { type Sent, violations } from "./model.ts";
import { type Process, Scheduler } from "./scheduler.ts";
import { inProcess, type RequestFault } from "./wire.ts";

const begin = Date.UTC(2026, 0, 15, 12);
const sweepEveryMs = 5 * 60_000;
/** Cloudinary's waits before the second, third and fourth try. */
const retryMs = [180_000, 360_000, 540_000];
const maxFaults = 5;
/** Ten times what a history takes: one that does not end has a delivery that is stuck. */
const maxSteps = 6_000;

export interface Played {
  /** What must not have happened. */
  violations: string[];
  /** Of all steps: the same in each run of the history. */
  hash: string;
  steps: number;
  trace: readonly string[];
  /** How the deliveries ended. */
  ends: string[];
}

/** Everything that the histories share; `close` gives the clocks and timers of the process back. */
export async function explorer() {
  const dataDir = await mkdtemp(join(tmpdir(), "explore-"));
  let scheduler = new Scheduler(begin, [], 0);
  const database = await embedded();
  const cloud = await openCloud(dataDir, () => scheduler.now);
  const mails: string[] = [];
  Object.assign(settings.routes, {
    upload: ["pim", "moderation"],
    moderation: ["email", "pim", "moderation"],
    delete: ["pim"],
  });
  Object.assign(settings.email, { provider: "resend" });
  const variables = {
    DATABASE_URL: "postgresql://embedded@127.0.0.1:1/embedded",
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(apiUrl)}`,
    RESEND_API_KEY: "re_0123456789abcdefghijklmnop",
    RESEND_BASE_URL: `${apiUrl}/resend`,
    FROM_VERIFIED_SENDER: "sender@shop.example",
    TO_RECIPIENTS: "ada@example.com",
  };
  Object.assign(process.env, variables);
  // The SDK chooses between http and https when it is loaded, by the environment.
  const { default: deliverBackground } = await import("../../netlify/functions/deliver-background.ts");
  const { default: reconcile } = await import("../../netlify/functions/reconcile.ts");
  const { default: sweep } = await import("../../netlify/functions/sweep.ts");
  start(scheduler);
  const undoTime = virtualTime();

  const fault = (request: Request): RequestFault => {
    if (!scheduler.fails(12)) return null;
    const kinds: RequestFault[] = ["lost", "unanswered", "hangs", 429, 500, 503, "garbage"];
    // A nudge has no other answer than that of the platform.
    const some = request.url.includes("/.netlify/") ? kinds.slice(0, 1) : kinds;
    return some[scheduler.choose(some.length)] ?? null;
  };
  let counter = 0;
  const newProcess = (name: string): Process => {
    counter += 1;
    return { name: `${name}-${counter}`, isDead: false };
  };
  const background = (name: string, work: NetlifyFunctionHandler, request: Request): void => {
    // One whose database is away for too long ends with an error, and the next one continues.
    scheduler.run(newProcess(name), () => invoke(work, request)).catch(() => {});
  };
  const thrown: string[] = [];
  let resend = localResend({ mailbox: mailboxOf(mails) });

  async function serve(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/.netlify/")) {
      background("worker", deliverBackground, request);
      return new Response(null, { status: 202 });
    }
    if (pathname.startsWith("/resend"))
      return (await resend.fetch(request)) ?? new Response(null, { status: 404 });
    const fields = new URLSearchParams();
    const isForm = request.headers.get("content-type")?.includes("form") === true;
    if (isForm)
      for (const [name, value] of await request.clone().formData()) fields.append(name, String(value));
    cloud.watch({ path: pathname, fields }, sentAt.get(request) ?? scheduler.now);
    return await cloud.fetch(request);
  }
  const sentAt = new WeakMap<Request, number>();
  const undoWire = inProcess(
    () => scheduler,
    serve,
    fault,
    (request) => sentAt.set(request, scheduler.now),
  );

  async function play({ events, choices }: History): Promise<Played> {
    await database.reset();
    cloud.reset();
    mails.length = 0;
    thrown.length = 0;
    counter = 0;
    resend = localResend({ mailbox: mailboxOf(mails) });
    // Another day for each, so that nothing that the process remembers is recent.
    played += 1;
    scheduler = new Scheduler(begin + played * 30 * 24 * 60 * 60_000, choices, maxFaults);
    start(scheduler);
    database.behind(scheduler, () =>
      scheduler.fails(60) ? ((["before", "after", "reset"] as const)[scheduler.choose(3)] ?? null) : null,
    );
    const sent: Sent[] = [];
    let open = 1;

    /** Cloudinary's side of a notification: up to four tries, until one is answered with 200. */
    const send = (body: object): void => {
      const notified: Sent = { body: JSON.stringify(body), acknowledged: false };
      sent.push(notified);
      open += 1;
      const attempt = async (tries: number): Promise<void> => {
        const hook = newProcess("hook");
        const request = signedRequest(notified.body, {
          timestamp: Math.floor(scheduler.now / 1_000),
          origin: apiUrl,
        });
        const answer = scheduler.run(hook, () =>
          invoke(notification, request).then(
            ({ status }) => status,
            (error) => thrown.push(`hook: ${error}`),
          ),
        );
        const late = new Promise<number>((resolve) =>
          scheduler.after(60_000, "the sender waits no longer", () => resolve(0)),
        );
        const status = scheduler.fails(20) ? 0 : await Promise.race([answer, late]);
        if (status === 200) notified.acknowledged = true;
        const waitMs = retryMs[tries];
        if (status === 200 || waitMs === undefined) open -= 1;
        else scheduler.after(waitMs, "the next try", () => attempt(tries + 1));
      };
      scheduler.after(0, "the first try", () => attempt(0));
    };

    const happen = (event: Event): void => {
      const { kind, asset } = event;
      if (kind === "reconcile") background("reconcile", reconcile, scheduled("reconcile"));
      const last = sent.at(-1);
      const body =
        kind === "upload"
          ? cloud.upload(asset, scheduler.now)
          : kind === "approve"
            ? cloud.decide(asset, "approved", scheduler.now)
            : kind === "reject"
              ? cloud.decide(asset, "rejected", scheduler.now)
              : kind === "delete"
                ? cloud.remove(asset, scheduler.now)
                : kind === "resend" && last
                  ? (JSON.parse(last.body) as object)
                  : null;
      if (body !== null) send(body);
    };
    let at = 0;
    for (const event of events) {
      at += event.gapMs;
      open += 1;
      scheduler.after(at, `Cloudinary: ${event.kind} ${event.asset}`, () => {
        happen(event);
        open -= 1;
      });
    }
    open -= 1;

    // The schedule runs every five minutes. Times at which nothing is due are left out, because a sweep then does nothing.
    const tick = async (): Promise<void> => {
      const { rows } = await scheduler.step("the schedule looks", () =>
        database.query(nextDue, [], scheduler.now),
      );
      const [{ next }] = rows as [{ next: Date | null }];
      if (next === null && open === 0) return;
      if (next !== null && next.getTime() <= scheduler.now) background("sweep", sweep, scheduled("sweep"));
      const waitMs = Math.max(0, next === null ? 0 : next.getTime() - scheduler.now);
      scheduler.after(sweepEveryMs * (1 + Math.floor(waitMs / sweepEveryMs)), "the schedule", tick);
    };
    scheduler.after(sweepEveryMs, "the schedule", tick);

    if (!(await scheduler.play(maxSteps))) thrown.push(`not at its end after ${maxSteps} steps`);
    const { found, ends } = await violations({ database, cloud, sent, mails, now: scheduler.now });
    return {
      violations: [...found, ...thrown, ...cloud.wrong],
      hash: scheduler.hash(),
      steps: scheduler.trace.length,
      trace: scheduler.trace,
      ends,
    };
  }
  let played = 0;
  // What is loaded when it is first needed takes turns that no history may depend on.
  for (const history of fc.sample(histories, { seed: 0, numRuns: 3 })) await play(history);

  return {
    play,
    async close() {
      for (const name of Object.keys(variables)) delete process.env[name];
      undoWire();
      undoTime();
      await cloud.close();
      await database.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const nextDue = `
select min(case when state = 'due' then due_at else lease_until end) as next from deliveries
where state in ('due', 'running')`;

const scheduled = (name: string) =>
  new Request(new URL(`/.netlify/functions/${name}`, apiUrl), {
    method: "POST",
    body: '{"next_run":"soon"}',
  });

/** Keeps of each mail for which delivery it is. */
function mailboxOf(mails: string[]): Mailbox {
  return {
    list: (): readonly ReceivedMail[] => [],
    find: () => undefined,
    async put(mail) {
      for (const { to, custom_args: about } of mail.personalizations)
        mails.push(`${about?.delivery_id} to ${to[0]?.email}`);
    },
    async clear() {},
  };
}
