import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inventedAsset } from "../../src/cli/simulate/asset.ts";
import { bodyOf } from "../../src/cli/simulate/bodies.ts";
import { readConfig } from "../../src/config.ts";
import type { Db } from "../../src/lib/database/pool.ts";
import { type ClaimOptions, claim, type Job } from "../../src/lib/deliveries/claim.ts";
import type { HandlerDefinition, Receiver } from "../../src/lib/deliveries/define-handler.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import { dispatch, LeaseLost } from "../../src/lib/deliveries/dispatch.ts";
import type { Handler } from "../../src/lib/deliveries/handler.ts";
import { replay } from "../../src/lib/deliveries/operator-acts.ts";
import { settle } from "../../src/lib/deliveries/settle.ts";
import { notificationTypes } from "../../src/lib/notifications/types.ts";
import { receive } from "../../src/lib/receive/receive.ts";
import { readVariables } from "../../src/lib/shared/declared-variables.ts";
import { settings as defaults } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.types.ts";
import { realDatabase, type TestDatabase } from "./databases.ts";
import { attemptsOf, deliveriesOf, endLeases, makeDue, unhurried, withDeadline } from "./deliveries.ts";
import { signedRequest, testSecret } from "./signed-request.ts";

/** What the handler acts upon, such as a fake API. */
export interface Effects {
  /** How often the effect has happened, as the other side counts it: a repeat that it recognises does not count. */
  count(): number | Promise<number>;
  /** The variables that the handler declares. */
  variables?: Record<string, string>;
  /** The other side takes requests and answers none, until `goOn` (`requestGate`). */
  hang?(): Hanging;
  close?(): Promise<void>;
}

export interface Hanging {
  /** A request has come. */
  reached: Promise<void>;
  goOn(): void;
}

/** For a fake service: each request waits in `pass` from `hang` until `goOn`. */
export function requestGate(): { pass(): Promise<void>; hang(): Hanging } {
  let gate: { reached(): void; open: Promise<void> } | null = null;
  return {
    async pass() {
      gate?.reached();
      await gate?.open;
    },
    hang() {
      const reached = Promise.withResolvers<void>();
      const open = Promise.withResolvers<void>();
      gate = { reached: reached.resolve, open: open.promise };
      return { reached: reached.promise, goOn: open.resolve };
    },
  };
}

export interface HandlerContract {
  /** The body of a notification that has an effect; each call returns another one. */
  body(): object;
  /**
   * `repeated`: a lost attempt is repeated, and the effect happens once. `held`: it has called `markSending`, and an operator decides.
   * `recognised`: the handler has noted the effect itself, and skips the next attempt.
   */
  lostAttempt: "repeated" | "held" | "recognised";
  settings?: Partial<Settings>;
  open(database: TestDatabase): Promise<Effects>;
}

/** What every handler must do: docs/handlers.md. Each test receives a notification, and runs the handler as a worker does. */
export function handlerContract(definition: HandlerDefinition, contract: HandlerContract): void {
  const { name } = definition;
  const isHeld = contract.lostAttempt === "held";

  describe(`the contract of a handler: ${name}`, () => {
    let database: TestDatabase;
    let db: Db;
    let effects: Effects;
    let receiver: Receiver;
    let handler: Handler;
    const every = { custom: [name], ...Object.fromEntries(notificationTypes.map((type) => [type, [name]])) };
    const settings: Settings = { ...defaults, routes: every, ...contract.settings };

    beforeAll(async () => {
      database = await realDatabase();
      db = database.db;
      effects = await contract.open(database);
      const variables = {
        DATABASE_URL: database.url,
        CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
        ...effects.variables,
      };
      const { problems } = readVariables(definition.environment, variables);
      if (problems.length > 0) throw new Error(`\`variables\` of the contract: ${problems.join("; ")}`);
      const reading = readConfig(settings, "", variables);
      if (!reading.ok) throw new Error(reading.problems.join("; "));
      const { config } = reading;
      receiver = { config, settings, variables, api: null, apiOf: () => null, sandbox: false };
      handler = definition.start(receiver);
    });
    afterAll(async () => {
      await effects?.close?.();
      await database?.drop();
    });

    async function arrive(body: object): Promise<string> {
      const { config } = receiver;
      const outcome = await receive(signedRequest(body), {
        config,
        settings,
        db,
        expects: [],
        source: "webhook",
      });
      if (outcome.kind !== "recorded") throw new Error(`not recorded: ${JSON.stringify(outcome)}`);
      return outcome.id;
    }

    /** A worker, until nothing is due. */
    const run = (by = handler, handlerTimeoutMs = unhurried.handlerTimeoutMs) =>
      deliver({ db, handlers: [by], settings, ...unhurried, handlerTimeoutMs });

    /** The delivery that a worker has claimed and not handled. */
    async function claimed(changed: Partial<ClaimOptions> = {}): Promise<Job> {
      const options = {
        worker: randomUUID(),
        handlers: [name],
        limit: 1,
        idle: true,
        maxTries: 8,
        maxWorkers: 4,
      };
      const { jobs } = await claim(db, { ...options, leaseMs: 60_000, ...changed });
      const [job] = jobs;
      if (job === undefined) throw new Error("nothing is due");
      return job;
    }

    const attempt = async (job: Job) =>
      (await dispatch(job, { db, handlers: [handler], settings, timeoutMs: unhurried.handlerTimeoutMs }))
        .settlement;

    async function only(notificationId: string) {
      const [delivery, ...others] = await deliveriesOf(db, notificationId);
      if (delivery === undefined || others.length > 0) throw new Error("not one delivery");
      return delivery;
    }

    it("does its work once, and leaves a result", async () => {
      const before = await effects.count();
      const id = await arrive(contract.body());
      await run();
      expect(await only(id)).toMatchObject({ state: "done", attempts: 1, last_error: null });
      expect(await effects.count()).toBe(before + 1);
    });

    it("a repeated notification and a replay of what is done change nothing", async () => {
      const before = await effects.count();
      const body = contract.body();
      const id = await arrive(body);
      expect(await arrive(body)).toBe(id);
      await run();
      expect(await arrive(body)).toBe(id);
      const acting = { who: "test", reason: "again", forget: false, limit: 1 };
      await replay(db, (param) => `d.notification_id = ${param(id)}::uuid`, acting);
      await run();
      expect(["done", "skipped"]).toContain((await only(id)).state);
      expect(await effects.count()).toBe(before + 1);
    });

    it("a crash before the effect: the next attempt does the work", async () => {
      const before = await effects.count();
      const id = await arrive(contract.body());
      await claimed();
      await endLeases(db);
      await run();
      const delivery = await only(id);
      expect(delivery).toMatchObject({ state: "done", attempts: 2 });
      const outcomes = (await attemptsOf(db, delivery.id)).map(({ outcome }) => outcome);
      expect(outcomes).toEqual(["lost", "done"]);
      expect(await effects.count()).toBe(before + 1);
    });

    it("a crash after the effect: no second effect", async () => {
      const before = await effects.count();
      const id = await arrive(contract.body());
      expect(await attempt(await claimed())).toMatchObject({ kind: "done" });
      await endLeases(db);
      await run();
      expect(await only(id)).toMatchObject(
        isHeld
          ? { state: "held", last_error: "outcome-unknown" }
          : { state: contract.lostAttempt === "recognised" ? "skipped" : "done", attempts: 2 },
      );
      expect(await effects.count()).toBe(before + 1);
    });

    it("a worker that has lost its lease has no second effect, and does not change the outcome", async () => {
      const before = await effects.count();
      const id = await arrive(contract.body());
      const lost = await claimed();
      await endLeases(db);
      await run();
      const settled = await only(id);
      expect(settled).toMatchObject({ state: "done", attempts: 2 });
      try {
        const options = { settings: settings.deliver, random: () => 0.5 };
        expect(await settle(db, { job: lost, settlement: await attempt(lost) }, options)).toBe("lease-lost");
      } catch (error) {
        if (!(error instanceof LeaseLost)) throw error;
      }
      expect(await only(id)).toEqual({ ...settled, dueInMs: expect.any(Number) });
      expect(await effects.count()).toBe(before + 1);
    });

    it("an attempt that goes on after its deadline has no second effect", async () => {
      const before = await effects.count();
      const id = await arrive(contract.body());
      const late: Promise<unknown>[] = [];
      const slow: Handler = {
        name,
        async handle(notification, context) {
          if (!context.signal.aborted)
            await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
          const handling = handler.handle(notification, context);
          late.push(handling.catch(() => undefined));
          return await handling;
        },
      };
      await run(slow, 50);
      expect(await only(id)).toMatchObject({ state: "due", last_error: expect.stringMatching(/^deadline/) });
      await Promise.all(late);
      await makeDue(db);
      await run();
      expect(await only(id)).toMatchObject({ state: "done" });
      expect(await effects.count()).toBe(before + 1);
    });

    it("ends at its deadline when the other side does not answer", async ({ skip }) => {
      if (effects.hang === undefined) skip("it calls no other service");
      const before = await effects.count();
      const id = await arrive(contract.body());
      const hanging = effects.hang?.();
      const limited = withDeadline(handler);
      void hanging?.reached.then(limited.pass);
      const ended: Promise<unknown>[] = [];
      const watched: Handler = {
        name,
        handle(notification, context) {
          const handling = limited.handler.handle(notification, context);
          ended.push(handling.catch(() => undefined));
          return handling;
        },
      };
      try {
        await run(watched);
        const stopped = Promise.all(ended).then(() => "stopped");
        const waiting = sleep(2_000, "still waiting: pass `signal` on to the request");
        expect(await Promise.race([stopped, waiting])).toBe("stopped");
      } finally {
        hanging?.goOn();
      }
      expect(ended).toHaveLength(1);
      expect(await only(id)).toMatchObject(
        isHeld
          ? { state: "held", last_error: "outcome-unknown" }
          : { state: "due", last_error: expect.any(String) },
      );
      await makeDue(db);
      await run();
      if (!isHeld) expect(await only(id)).toMatchObject({ state: "done" });
      expect(await effects.count()).toBeLessThanOrEqual(before + 1);
    });

    it("any notification: no error of the program, and no secret in what is stored", async () => {
      const now = new Date();
      const asset = inventedAsset({ cloudName: "demo", publicId: "any/name", now });
      const bodies = [
        ...notificationTypes.map((type) =>
          bodyOf(type, { asset, apiKey: "123456789012345", now, isPending: false }),
        ),
        { hello: "world" },
        { notification_type: "upload", timestamp: now.toISOString() },
      ];
      for (const body of bodies) await arrive(body);
      await run();
      const { rows: failed } = await db.query(
        "select handler, last_error from deliveries where last_error ~ '^(Type|Range|Reference|Syntax)Error: ' and state = 'dead'",
      );
      expect(failed).toEqual([]);
      const { rows } = await db.query("select result, progress, last_error from deliveries");
      const stored = JSON.stringify(rows);
      const { environment } = definition;
      const secrets = Object.keys(environment).filter((variable) => environment[variable]?.secret !== false);
      for (const variable of secrets)
        expect(stored).not.toContain(effects.variables?.[variable] ?? "no value");
    });
  });
}
