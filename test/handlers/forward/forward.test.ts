import { createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { forwarding } from "../../../src/cli/simulate/dry-run.ts";
import { readConfig } from "../../../src/config.ts";
import { findRecord } from "../../../src/console/shared/record.ts";
import { checkoutContext } from "../../../src/doctor/checkout.ts";
import { checkHandlers } from "../../../src/doctor/checks/handlers.ts";
import { forwardTarget, forwardTargets } from "../../../src/handlers/forward/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { earliestDue } from "../../../src/lib/deliveries/earliest-due.ts";
import { resumeHandler } from "../../../src/lib/deliveries/pause.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { receive } from "../../../src/lib/receive/receive.ts";
import { forwardHere } from "../../../src/local/queues/forward-here.ts";
import { forwarded } from "../../../src/local/queues/forwarded.ts";
import { localQueues } from "../../../src/local/queues/local-queues.ts";
import { localAwsKey } from "../../../src/local/rekognition/local-account.ts";
import { type Serving, serve } from "../../../src/local/server.ts";
import { settings as defaults } from "../../../src/settings.ts";
import type { ForwardTarget, Settings } from "../../../src/settings.types.ts";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { makeDue, unhurried } from "../../support/deliveries.ts";
import { type Effects, handlerContract, requestGate } from "../../support/handler-contract.ts";
import { signedRequest, testSecret } from "../../support/signed-request.ts";

const key = { accessKeyId: "LOCALKEY", secretAccessKey: "a-local-secret-of-aws" };
const whsec = `whsec_${randomBytes(24).toString("base64")}`;
const variables = (url: string) => ({
  LOCAL_SERVICES: url,
  FORWARD_WEBHOOK_SECRETS: `crm=${whsec}`,
  FORWARD_AWS_REGION: "eu-central-1",
  FORWARD_AWS_ACCESS_KEY_ID: key.accessKeyId,
  FORWARD_AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  FORWARD_AWS_ENDPOINT: url,
});

/** An HTTP target, SQS and EventBridge on one port. The fault decides before each request. */
async function services() {
  const queues = localQueues({ key, queues: ["assets.fifo", "plain"], buses: ["media"] });
  const posts: { id: string; body: string; headers: Headers }[] = [];
  let fault: (() => Response | null) | null = null;
  const { pass, hang } = requestGate();
  const server: Serving = await serve({
    port: 0,
    async fetch(request) {
      const copy = request.clone();
      await pass();
      const failed = fault?.();
      if (failed) return failed;
      const answer = await queues.fetch(request);
      if (answer) return answer;
      const { headers } = copy;
      posts.push({ id: headers.get("webhook-id") ?? "", body: await copy.text(), headers });
      return new Response(null, { status: 204 });
    },
  });
  return {
    queues,
    posts,
    url: server.url,
    setFault: (next: typeof fault) => {
      fault = next;
    },
    hang,
    close: () => server.close(),
  };
}
type Services = Awaited<ReturnType<typeof services>>;

const deliveryOf = ({ resources }: { resources: readonly string[] }) => resources[0];

// The URL of a target is a setting, so the port is fixed by the first start.
const shared = await services();
const targets = {
  crm: { name: "crm", to: { kind: "http", url: `${shared.url}/hook` } },
  fifo: { name: "assets.fifo", to: { kind: "sqs", queueUrl: `${shared.url}/123456789012/assets.fifo` } },
  plain: {
    name: "plain",
    to: { kind: "sqs", queueUrl: `${shared.url}/123456789012/plain` },
    body: "regular",
  },
  bus: { name: "bus", to: { kind: "eventbridge", bus: "media", source: "cloudinary" }, body: "cloudevents" },
} satisfies Record<string, ForwardTarget>;
afterAll(() => shared.close());

const contract = (target: ForwardTarget, count: (from: Services) => number) =>
  handlerContract(forwardTarget(target), {
    body: () => uploadBody({ public_id: `press/${hexId()}` }),
    lostAttempt: "repeated",
    async open(): Promise<Effects> {
      return {
        variables: { ...variables(shared.url), URL: shared.url, CONTEXT: "dev", NETLIFY_DEV: "true" },
        count: () => count(shared),
        hang: shared.hang,
      };
    },
  });

contract(targets.crm, ({ posts }) => new Set(posts.map(({ id }) => id)).size);
contract(targets.fifo, ({ queues }) => queues.messages("assets.fifo").length);
contract(targets.bus, ({ queues }) => new Set(queues.events.map(deliveryOf)).size);

describe("forwarding", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await realDatabase();
  });
  afterAll(() => database.drop());

  function receiverOf(
    wanted: readonly ForwardTarget[],
    changed: Partial<Settings["deliver"]> = {},
    circuit = defaults.forward.circuit,
    forwardTo: Record<string, string> = variables(shared.url),
  ) {
    const settings: Settings = {
      ...defaults,
      routes: { upload: ["forward"], delete: ["forward"] },
      forward: { ...defaults.forward, targets: wanted, circuit },
      deliver: { ...defaults.deliver, ...changed },
    };
    const environment = {
      ...forwardTo,
      DATABASE_URL: database.url,
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
      NETLIFY_DEV: "true",
    };
    const reading = readConfig(settings, "", environment);
    if (!reading.ok) throw new Error(reading.problems.join("; "));
    const { config } = reading;
    const { db } = database;
    const receiver = {
      config,
      settings,
      variables: environment,
      api: null,
      apiOf: () => null,
      sandbox: false,
    };
    const handlers = forwardTargets(settings.forward).map((definition) => definition.start(receiver));
    return {
      arrive: async (body: object | string) => {
        const outcome = await receive(signedRequest(body), {
          config,
          settings,
          db,
          expects: [],
          source: "webhook",
        });
        if (outcome.kind !== "recorded") throw new Error(JSON.stringify(outcome));
        return outcome.id;
      },
      run: () => deliver({ db, handlers, settings, ...unhurried }),
    };
  }

  const stateOf = async (id: string) => {
    const { rows } = await database.db.query<{
      handler: string;
      state: string;
      last_error: string | null;
      attempts: number;
    }>(
      "select handler, state, last_error, attempts - waits as attempts from deliveries where notification_id = $1 order by handler",
      [id],
    );
    return rows;
  };

  it("each target gets a delivery of its own, and its form of the body", async () => {
    const { arrive, run } = receiverOf(Object.values(targets));
    const body = uploadBody({ public_id: `press/${hexId()}` });
    const before = shared.queues.events.length;
    const id = await arrive(body);
    await run();
    expect(await stateOf(id)).toEqual(
      ["assets.fifo", "bus", "crm", "plain"].map((name) =>
        expect.objectContaining({ handler: `forward:${name}`, state: "done" }),
      ),
    );
    const post = shared.posts.at(-1);
    const { rows } = await database.db.query<{ body: Buffer }>(
      "select body from notifications where id = $1",
      [id],
    );
    expect(post?.body).toBe(rows[0]?.body.toString());
    // The signature of standardwebhooks.com, computed here from its specification.
    const signed = `${post?.id}.${post?.headers.get("webhook-timestamp")}.${post?.body}`;
    const mac = createHmac("sha256", Buffer.from(whsec.slice(6), "base64"))
      .update(signed)
      .digest("base64");
    expect(post?.headers.get("webhook-signature")).toBe(`v1,${mac}`);
    const queued = shared.queues.messages("assets.fifo").at(-1);
    expect(queued).toMatchObject({ group: (body as { asset_id: string }).asset_id, body: post?.body });
    expect(JSON.parse(shared.queues.messages("plain").at(-1)?.body ?? "")).toMatchObject({
      id,
      type: "upload",
      cloud: "demo",
    });
    expect(shared.queues.events.length).toBe(before + 1);
    expect(shared.queues.events.at(-1)).toMatchObject({
      bus: "media",
      source: "cloudinary",
      detailType: "upload",
      detail: {
        specversion: "1.0",
        id,
        type: "com.cloudinary.upload",
        datacontenttype: "application/json",
        data: body,
      },
    });
  });

  it("a body of any depth is sent as it was received; in another form it is dead at once, with the reason", async () => {
    const { arrive, run } = receiverOf(Object.values(targets));
    const nested = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;
    const body = JSON.stringify(uploadBody({ public_id: `press/${hexId()}`, note: 1 }));
    const deep = body.replace('"note":1', `"note":${nested}`);
    const id = await arrive(deep);
    await run();
    const tooDeep = (form: string) => ({
      state: "dead",
      attempts: 1,
      last_error: `the body is nested too deeply for the form ${form}; the form received sends it as it is`,
    });
    expect(await stateOf(id)).toMatchObject([
      { handler: "forward:assets.fifo", state: "done" },
      { handler: "forward:bus", ...tooDeep("cloudevents") },
      { handler: "forward:crm", state: "done" },
      { handler: "forward:plain", ...tooDeep("regular") },
    ]);
    expect(shared.posts.at(-1)?.body).toBe(deep);
  });

  it("rules choose by type, folder, tag and an own condition", async () => {
    const when = {
      folders: ["press"],
      tags: ["news"],
      matches: ({ assets }: { assets: { format?: string }[] }) => assets[0]?.format !== "gif",
    };
    const { arrive, run } = receiverOf([
      { ...targets.plain, when },
      { ...targets.bus, when: { types: ["delete"] } },
    ]);
    const yes = await arrive(uploadBody({ public_id: `press/${hexId()}`, tags: ["news"] }));
    const wrong = [
      { public_id: `other/${hexId()}`, tags: ["news"] },
      { public_id: `press/${hexId()}` },
      { public_id: `press/${hexId()}`, tags: ["news"], format: "gif" },
    ];
    const no: string[] = [];
    for (const body of wrong) no.push(await arrive(uploadBody(body)));
    await run();
    expect(await stateOf(yes)).toMatchObject([{ handler: "forward:plain", state: "done" }]);
    for (const id of no)
      expect(await stateOf(id)).toMatchObject([{ state: "skipped", last_error: "no-rule-matches" }]);
  });

  it("an entry that fails inside a successful answer of EventBridge is retried, or fails permanently", async () => {
    const { arrive, run } = receiverOf([targets.bus]);
    shared.queues.failEntries("ThrottlingException");
    const throttled = await arrive(uploadBody());
    await run();
    expect(await stateOf(throttled)).toMatchObject([
      { state: "due", last_error: expect.stringContaining("ThrottlingException") },
    ]);
    shared.queues.failEntries("MalformedDetail");
    const malformed = await arrive(uploadBody());
    await run();
    expect(await stateOf(malformed)).toMatchObject([
      { state: "dead", last_error: expect.stringContaining("MalformedDetail") },
    ]);
    await makeDue(database.db);
    await run();
    expect(await stateOf(throttled)).toMatchObject([{ state: "done", attempts: 2 }]);
  });

  it("a queue that does not exist pauses its own target only, and nothing is lost", async () => {
    const missing: ForwardTarget = {
      name: "gone",
      to: { kind: "sqs", queueUrl: `${shared.url}/123456789012/gone` },
    };
    const { arrive, run } = receiverOf([missing, targets.crm]);
    const id = await arrive(uploadBody());
    await run();
    expect(await stateOf(id)).toMatchObject([
      { handler: "forward:crm", state: "done" },
      { handler: "forward:gone", state: "due" },
    ]);
    const { rows } = await database.db.query("select handler, reason from paused_handlers");
    expect(rows).toEqual([{ handler: "forward:gone", reason: expect.stringContaining("QueueDoesNotExist") }]);
    await resumeHandler(database.db, "forward:gone", { who: "test", reason: "over" });
    await database.db.query("delete from deliveries where handler = 'forward:gone'");
  });

  it("after failures in a row the circuit opens: deliveries wait without an attempt", async () => {
    const { arrive, run } = receiverOf([targets.crm], { concurrency: 1 }, { failures: 2, openMs: 60_000 });
    let requests = 0;
    shared.setFault(() => {
      requests += 1;
      return new Response(null, { status: 503 });
    });
    try {
      const ids: string[] = [];
      for (let n = 0; n < 4; n += 1) ids.push(await arrive(uploadBody()));
      await run();
      expect(requests).toBe(2);
      const attempts = (await Promise.all(ids.map(stateOf))).map(([row]) => row?.attempts);
      expect(attempts.toSorted()).toEqual([0, 0, 1, 1]);
    } finally {
      shared.setFault(null);
    }
    await database.db.query("delete from deliveries");
  });

  it("a rate limit spaces the messages; one whose turn is far away waits without an attempt", async () => {
    const crm = (maxPerSecond: number) => ({ ...targets.crm, maxPerSecond });
    const fast = receiverOf([crm(20)], { maxWorkers: 1 });
    const times: number[] = [];
    shared.setFault(() => {
      times.push(performance.now());
      return null;
    });
    try {
      for (let n = 0; n < 11; n += 1) await fast.arrive(uploadBody());
      const startedAt = performance.now();
      await fast.run();
      expect(times).toHaveLength(11);
      // Ten gaps of 50 ms. The first message may come late, and the others then close behind it.
      expect((times.at(-1) ?? 0) - startedAt).toBeGreaterThan(490);

      // Two workers may run at once, so each of them has half.
      const slow = receiverOf([crm(0.05)], { maxWorkers: 2 });
      const ids = [await slow.arrive(uploadBody()), await slow.arrive(uploadBody())];
      await slow.run();
      expect(times).toHaveLength(12);
      const states = (await Promise.all(ids.map(stateOf))).flat();
      expect(states.map(({ state, attempts }) => `${state} ${attempts}`).toSorted()).toEqual([
        "done 1",
        "due 0",
      ]);
      const due = await earliestDue(database.db);
      expect((due?.getTime() ?? 0) - Date.now()).toBeGreaterThan(20_000);
    } finally {
      shared.setFault(null);
    }
    await database.db.query("delete from deliveries");
  });

  it("doctor checks each target, and a dry run names those that match", async () => {
    const http = (name: string, url: string): ForwardTarget => ({ name, to: { kind: "http", url } });
    const found = async (
      wanted: readonly ForwardTarget[],
      env: Record<string, string>,
      route = ["forward"],
    ) => {
      const { context } = await checkoutContext({
        folder: process.cwd(),
        env,
        settings: {
          ...defaults,
          routes: { upload: route },
          forward: { ...defaults.forward, targets: wanted },
        },
        siteUrl: null,
        isLocal: false,
      });
      const findings = (await checkHandlers(context)).filter(({ id }) => /^forward\b/.test(id));
      return findings.map(({ id, level, what }) => `${level} ${id}: ${what}`);
    };
    const fifo = { kind: "sqs", queueUrl: "https://sqs.eu-central-1.amazonaws.com/1/assets.fifo" } as const;
    const wanted: ForwardTarget[] = [
      http("crm", "https://crm.example.com/hook"),
      http("erp", "https://erp.example.com/hook"),
      http("typo", "crm.example.com"),
      { name: "assets.fifo", to: fifo },
      { name: "assets", to: fifo },
    ];
    const { LOCAL_SERVICES: _, ...env } = variables("https://aws.example.com");
    expect(await found(wanted, env)).toEqual([
      "ok forward.crm: The target crm is configured",
      "failed forward.erp: FORWARD_WEBHOOK_SECRETS has no secret for erp",
      "failed forward.typo: the address of typo is not a URL",
      "ok forward.assets.fifo: The target assets.fifo is configured",
      "failed forward.assets: the name assets must end with .fifo exactly if its queue is a FIFO queue",
    ]);
    expect(await found([{ name: "assets.fifo", to: fifo }], { FORWARD_AWS_REGION: "eu-central-1" })).toEqual([
      "failed forward.assets.fifo: FORWARD_AWS_ACCESS_KEY_ID, FORWARD_AWS_SECRET_ACCESS_KEY missing",
    ]);
    expect(await found([], {})).toEqual(["warning forward: A route names forward, and there are no targets"]);
    expect(await found(wanted.slice(0, 1), env, [])).toEqual(["warning forward: No route names forward"]);

    const parsed = parse(Buffer.from(JSON.stringify(uploadBody({ tags: ["press"] }))), null);
    if (!parsed.ok) throw new Error("the body does not parse");
    const at = new Date();
    const notification = {
      ...{ id: "n", receivedAt: at, signedAt: at, source: "webhook", cloud: null, byPublicHook: false },
      content: parsed.notification,
    };
    const only = (tag: string): ForwardTarget => ({ ...targets.crm, name: tag, when: { tags: [tag] } });
    expect(forwarding(notification, [only("press"), only("shop"), targets.fifo])).toBe(
      "would send to press, assets.fifo",
    );
    expect(forwarding(notification, [only("shop")])).toBe(
      "would send nothing: no target of forward.targets matches",
    );
  });

  it("npm start: every target sends to this machine, and the page shows the messages", async () => {
    const credentials = {
      ...{ cloudName: "local", apiKey: "1", apiSecret: "a-local-Secret_of-27-chars1" },
      ...{ sendgridApiKey: "", operatorToken: "" },
    };
    const here = forwarded(localAwsKey(credentials));
    const server = await serve({
      port: 0,
      fetch: async (request) => (await here.fetch(request)) ?? new Response(null, { status: 404 }),
    });
    const wanted: ForwardTarget[] = [
      { name: "crm", to: { kind: "http", url: "https://crm.example.com/hook" } },
      {
        name: "assets.fifo",
        to: { kind: "sqs", queueUrl: "https://sqs.eu-central-1.amazonaws.com/1/assets.fifo" },
      },
      targets.bus,
    ];
    const environment = forwardHere({ credentials, localUrl: server.url }, { targets: wanted });
    const { arrive, run } = receiverOf(wanted, {}, undefined, environment);
    const body = uploadBody({ public_id: "press/<b>bold</b>" });
    const id = await arrive(body);
    await run();
    expect((await stateOf(id)).map(({ state }) => state)).toEqual(["done", "done", "done"]);
    expect(
      here
        .messages()
        .map(({ kind, target }) => `${kind} ${target}`)
        .toSorted(),
    ).toEqual(["eventbridge media", "http crm", "sqs assets.fifo"]);
    const page = await (await fetch(`${server.url}/queues`)).text();
    expect(page.match(/upload press\/&#60;b&#62;bold/g)).toHaveLength(3);
    expect(page).not.toContain("<b>bold");
    await server.close();
  });

  it("an earlier notification that waits for its retry is not overtaken in a FIFO queue, and later ones are not overdue", async () => {
    const { arrive, run } = receiverOf([targets.fifo]);
    const asset = hexId();
    const before = shared.queues.messages("assets.fifo").length;
    shared.queues.faults.add({ kind: "status", status: 503 });
    const first = await arrive(uploadBody({ asset_id: asset, version: 1_700_000_001 }));
    await run();
    const second = await arrive(uploadBody({ asset_id: asset, version: 1_700_000_002 }));
    const other = await arrive(uploadBody());
    await run();
    expect(await stateOf(second)).toMatchObject([{ state: "due", attempts: 0 }]);
    expect(await stateOf(other)).toMatchObject([{ state: "done" }]);
    const shown = await findRecord(database.db, second);
    expect(Date.parse(shown?.deliveries[0]?.dueAt ?? "")).toBeLessThanOrEqual(Date.now());
    expect((await earliestDue(database.db))?.getTime()).toBeGreaterThan(Date.now());
    await makeDue(database.db);
    await run();
    for (const id of [first, second]) expect(await stateOf(id)).toMatchObject([{ state: "done" }]);
    const sent = shared.queues
      .messages("assets.fifo")
      .slice(before)
      .filter(({ group }) => group === asset);
    expect(sent.map(({ body }) => JSON.parse(body).version)).toEqual([1_700_000_001, 1_700_000_002]);
  });

  it("an asset whose id SQS does not take as a group has the same group each time, and others another", async () => {
    const { arrive, run } = receiverOf([targets.fifo]);
    const long = `${"w_1/".repeat(40)}a`;
    const groups: string[] = [];
    for (const asset_id of [long, long, `${long}b`, "a vase", "väse"]) {
      const id = await arrive(uploadBody({ asset_id }));
      await run();
      expect(await stateOf(id)).toMatchObject([{ state: "done" }]);
      groups.push(shared.queues.messages("assets.fifo").at(-1)?.group ?? "");
    }
    expect(groups[0]).toBe(groups[1]);
    expect(new Set(groups).size).toBe(4);
  });

  it("a notification about several assets keeps the order of the first one in a FIFO queue, and holds up no others", async () => {
    const { arrive, run } = receiverOf([targets.fifo, targets.crm]);
    const [first, second] = [hexId(), hexId()];
    const resource = (asset_id: string) => ({
      resource_type: "image",
      type: "upload",
      asset_id,
      public_id: asset_id,
    });
    shared.queues.faults.add({ kind: "status", status: 503 });
    const deleted = await arrive({ notification_type: "delete", resources: [first, second].map(resource) });
    await run();
    const later = await arrive(uploadBody({ asset_id: first }));
    const free = await arrive(uploadBody({ asset_id: second }));
    await run();
    const fifo = async (id: string) =>
      (await stateOf(id)).map(({ handler, state }) => `${handler} ${state}`).sort();
    expect(await fifo(deleted)).toEqual(["forward:assets.fifo due", "forward:crm done"]);
    expect(await fifo(later)).toEqual(["forward:assets.fifo due", "forward:crm done"]);
    expect(await fifo(free)).toEqual(["forward:assets.fifo done", "forward:crm done"]);
    await makeDue(database.db);
    await run();
    expect(await fifo(later)).toEqual(["forward:assets.fifo done", "forward:crm done"]);
  });

  // FORWARD_COUNT=5000 runs the bar of the full size.
  const size = Number(process.env.FORWARD_COUNT ?? 150);
  it(`${size} notifications to a target that fails half of the time: none is lost, order by asset is kept, and no repeat stays`, {
    timeout: 600_000,
  }, async () => {
    const { arrive, run } = receiverOf([targets.fifo], { retryDelaysMs: Array(40).fill(0), concurrency: 8 });
    const assets = Array.from({ length: Math.ceil(size / 10) }, () => hexId());
    const before = shared.queues.messages("assets.fifo").length;
    const droppedBefore = shared.queues.dropped.count;
    const versions = new Map<string, number[]>(assets.map((asset) => [asset, []]));
    for (let n = 0; n < size; n += 1) {
      const asset_id = assets[(n * 7 + (n % 3)) % assets.length] ?? "";
      versions.get(asset_id)?.push(1_700_000_000 + n);
      await arrive(uploadBody({ asset_id, public_id: `press/${asset_id}`, version: 1_700_000_000 + n }));
    }
    // Every second request fails: before the message is accepted, or so that only its answer is lost.
    let seed = 42;
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    let requests = 0;
    shared.setFault(() => {
      requests += 1;
      if (random() < 0.5)
        shared.queues.faults.add(
          random() < 0.5 ? { kind: "status", status: 503 } : { kind: "reset", when: "after-work" },
        );
      return null;
    });
    const startedAt = Date.now();
    try {
      await Promise.all([run(), run()]);
      for (let round = 0; round < 50 && (await dueCount()) > 0; round += 1) await run();
    } finally {
      shared.setFault(null);
      shared.queues.faults.clear();
    }
    const { rows } = await database.db.query(
      "select state, count(*)::int as n from deliveries where handler = 'forward:assets.fifo' and created_at > to_timestamp($1::float8 / 1000) - interval '10 minutes' group by state",
      [startedAt],
    );
    expect(rows.map(({ state }) => state)).toEqual(["done"]);
    // SQS forgets a deduplication id after five minutes, so a later repeat stays. Only a run of the full size takes so long.
    const firstSent = new Map<string | null, number>();
    const sent = shared.queues
      .messages("assets.fifo")
      .slice(before)
      .filter(({ deduplicationId, sentAt }) => {
        const first = firstSent.get(deduplicationId);
        firstSent.set(deduplicationId, sentAt);
        if (first !== undefined) expect(sentAt - first).toBeGreaterThanOrEqual(5 * 60_000);
        return first === undefined;
      });
    expect(sent).toHaveLength(size);
    for (const [asset, expected] of versions)
      expect(sent.filter(({ group }) => group === asset).map(({ body }) => JSON.parse(body).version)).toEqual(
        expected,
      );
    expect(requests).toBeGreaterThan(size * 1.5);
    expect(shared.queues.dropped.count).toBeGreaterThan(droppedBefore);
    if (process.env.FORWARD_COUNT)
      console.log({
        size,
        requests,
        dropped: shared.queues.dropped.count - droppedBefore,
        ms: Date.now() - startedAt,
      });
  });

  const dueCount = async () => {
    const { rows } = await database.db.query<{ n: number }>(
      "select count(*)::int as n from deliveries where state = 'due'",
    );
    return rows[0]?.n ?? 0;
  };
});
