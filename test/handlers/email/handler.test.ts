import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { attemptsOf } from "../../support/deliveries.ts";
import { eagerBody, moderationBody } from "./bodies.ts";
import { apiKey, type DeliverChanges, type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

describe("a mail", () => {
  it("goes to each recipient by itself, in one request, and its delivery is done with the recipients masked", async () => {
    const id = await office.arrive(eagerBody());
    await office.work();

    expect(office.mails().map(({ to }) => to)).toEqual([
      [{ email: "ada@example.com" }],
      [{ email: "grace@example.org" }],
    ]);
    expect(office.requests).toHaveLength(1);
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state: "done",
      attempts: 1,
      result: {
        accepted: ["a…@example.com", "g…@example.org"],
        refused: [],
        messageIds: [office.mails()[0]?.messageId],
      },
    });
    expect(delivery.sending_at).not.toBeNull();
    expect(delivery.subject).toMatch(/^to:[0-9a-f]{32}$/);
  });

  it("carries the delivery's id where SendGrid can search for it, and asks for no tracking", async () => {
    const id = await office.arrive(eagerBody());
    await office.work();
    const { id: deliveryId } = await office.delivery(id);
    const [request] = office.requests;
    expect(request?.authorization).toBe(`Bearer ${apiKey}`);
    expect(request?.personalizations.map(({ custom_args }) => custom_args)).toEqual([
      { delivery_id: deliveryId },
      { delivery_id: deliveryId },
    ]);
    expect(request?.headers).toEqual({
      "Auto-Submitted": "auto-generated",
      "X-Entity-Ref-ID": deliveryId,
    });
    expect(request?.tracking_settings).toEqual({
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
    });
    expect(request?.content.map(({ type }) => type)).toEqual(["text/plain", "text/html"]);
    expect(request?.mail_settings).toBeUndefined();
  });

  it("is sent once, however often the worker comes by", async () => {
    await office.arrive(eagerBody());
    await office.work();
    await office.work();
    expect(office.requests).toHaveLength(1);
  });

  it("many at once share one client without mixing their recipients up", async () => {
    const folders = ["north", "east", "south", "west"];
    const rules = folders.map((folder) => ({ folder, to: [`${folder}@example.com`] }));
    for (const folder of folders) await office.arrive(eagerBody({ public_id: `${folder}/harbour` }));
    await office.work({ email: { rules } });
    expect(
      office
        .mails()
        .map(({ to, subject }) => `${to[0]?.email} ${subject}`)
        .sort(),
    ).toEqual(
      folders.map((folder) => `${folder}@example.com 2 formats of ${folder}/harbour are ready`).sort(),
    );
  });

  it("of a preview is checked by SendGrid and delivered to nobody", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ options: { sandbox: true } });
    expect(office.requests[0]?.mail_settings).toEqual({ sandbox_mode: { enable: true } });
    expect(office.mails()).toEqual([]);
    expect(await office.delivery(id)).toMatchObject({ state: "done", result: { sandbox: true } });
  });
});

describe("no mail is sent", () => {
  it.each<[string, DeliverChanges, object, string]>([
    ["without an account", { account: null }, eagerBody(), "no-recipients"],
    ["without a recipient", { account: { to: [] } }, eagerBody(), "no-recipients"],
    [
      "where a rule says so",
      { email: { rules: [{ types: ["eager"], send: false }] } },
      eagerBody(),
      "not-wanted",
    ],
    [
      "while every format is still being made",
      {},
      eagerBody({ eager: [{ status: "processing", transformation: "w_1" }] }),
      "nothing-to-report",
    ],
    ["while a moderation waits for its turn", {}, moderationBody("queued"), "nothing-to-report"],
  ])("%s", async (_name, changes, body, reason) => {
    const id = await office.arrive(body);
    await office.work(changes);
    expect(office.requests).toEqual([]);
    expect(await office.delivery(id)).toMatchObject({
      state: "skipped",
      last_error: reason,
      sending_at: null,
    });
  });
});

describe("settings", () => {
  const sentTo = () => office.mails().flatMap(({ to }) => to.map(({ email }) => email));

  it("name recipients, sender and subject per type and folder; the first rule that fits holds", async () => {
    const rules = [
      {
        types: ["eager"],
        folder: "/trailers/",
        to: ["Film Team <film@example.com>", "FILM@example.com"],
        from: "films@shop.example",
        subject: "[{folder}] {type}: {public_id}",
      },
      { types: ["eager"], to: ["rest@example.com"] },
    ];
    await office.arrive(eagerBody({ asset_folder: "trailers/2026" }));
    await office.work({ email: { rules } });
    expect(sentTo()).toEqual(["film@example.com"]);
    expect(office.mails()[0]).toMatchObject({
      from: { email: "films@shop.example" },
      subject: "[trailers/2026] eager: trailers/harbour",
    });
  });

  it.each([
    ["trailers", "trailers/harbour", true],
    ["trailers", "trailers-old/harbour", false],
    ["trailers", "attic/trailers/harbour", false],
    ["trailers/harbour", "trailers/harbour", false],
  ])("the folder %s and the public id %s: %s", async (folder, public_id, fits) => {
    await office.arrive(eagerBody({ public_id }));
    await office.work({ email: { rules: [{ folder, to: ["film@example.com"] }] } });
    expect(sentTo()).toEqual(fits ? ["film@example.com"] : ["ada@example.com", "grace@example.org"]);
  });

  it("put the notification's JSON below the message, or leave it out", async () => {
    for (const withJson of [true, false]) {
      await office.clear();
      await office.arrive(eagerBody());
      await office.work({ email: { withJson } });
      const [mail] = office.mails();
      expect(mail?.text?.includes('"batch_id": "')).toBe(withJson);
      expect(mail?.html?.includes("batch_id")).toBe(withJson);
    }
  });
});

describe("E3 what SendGrid answers decides", () => {
  it.each<[number, Record<string, string>, string, number | null]>([
    [429, {}, "due", 1_000], // The local SendGrid resets after a second.
    [429, { "X-RateLimit-Reset": "", "Retry-After": "40" }, "due", 40_000],
    [408, {}, "due", 30_000],
    [500, {}, "due", 30_000],
    [502, {}, "due", 30_000],
    [503, { "Retry-After": "300" }, "due", 300_000],
    [400, {}, "dead", null],
    [401, {}, "dead", null],
    [403, {}, "dead", null],
    [404, {}, "dead", null],
    [413, {}, "dead", null],
  ])("%i %j leaves the delivery %s", async (status, headers, state, waitMs) => {
    office.faults.add({ kind: "status", status, headers });
    const id = await office.arrive(eagerBody());
    await office.work();
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state,
      last_error: expect.stringContaining(`SendGrid answered ${status}`),
    });
    expect(office.mails()).toEqual([]);
    if (waitMs === null) return;
    expect(delivery.sending_at).toBeNull();
    expect(delivery.dueInMs).toBeGreaterThan(waitMs * 0.9 - 1_500);
    expect(delivery.dueInMs).toBeLessThan(waitMs * 1.2 + 1_500);
  });

  it("a 429 is followed by one mail when the time is up", async () => {
    office.faults.add({ kind: "status", status: 429 });
    const id = await office.arrive(eagerBody());
    await office.work();
    await office.db.query("update deliveries set due_at = now() where state = 'due'");
    await office.work();
    expect(office.mails()).toHaveLength(2);
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({ state: "done", last_error: null });
    expect(await attemptsOf(office.db, delivery.id)).toMatchObject([
      { outcome: "retry" },
      { outcome: "done" },
    ]);
  });

  it("a moved API is not followed: the key goes nowhere else", async () => {
    office.faults.add({ kind: "status", status: 302, headers: { Location: "https://elsewhere.example/" } });
    const id = await office.arrive(eagerBody());
    await office.work();
    expect(await office.delivery(id)).toMatchObject({ state: "dead" });
    expect(office.requests).toHaveLength(1);
  });
});

it("O3 neither the key nor a recipient reaches a log line or a record, whatever fails", async () => {
  const lines: string[] = [];
  for (const level of ["log", "info", "warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.map(String).join(" ")));
  try {
    for (const fault of [
      { kind: "status", status: 400, body: "ada@example.com is not allowed" },
      { kind: "status", status: 500 },
      { kind: "reset", when: "after-body" },
      { kind: "hang", when: "after-body" },
    ] as const) {
      office.faults.add(fault);
      await office.arrive(eagerBody());
      await office.work({ email: { timeoutMs: 300 } });
    }
    await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: "http://127.0.0.1:1" } });
    await office.arrive(eagerBody());
    await office.work();
  } finally {
    vi.restoreAllMocks();
  }
  const { rows } = await office.db.query<{ all: string }>(
    "select (select jsonb_agg(d) from deliveries d)::text || (select jsonb_agg(a) from attempts a)::text as all",
  );
  const kept = `${rows[0]?.all} ${lines.join(" ")}`;
  expect(kept).toContain("outcome-unknown"); // The faults did happen, and were recorded.
  expect(kept).toContain("a…@example.com");
  for (const secret of [apiKey, "ada@", "grace@"]) expect(kept).not.toContain(secret);
});
