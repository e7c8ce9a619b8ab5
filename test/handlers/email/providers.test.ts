import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { endLeases, exchangesOf, makeDue } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { holdClock, type PostOffice, postOffice } from "./post-office.ts";

const names = { sendgrid: "SendGrid", resend: "Resend" } as const;
type Provider = keyof typeof names;

const offices = new Map<Provider, PostOffice>();
let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
  for (const provider of ["sendgrid", "resend"] as const)
    offices.set(provider, await postOffice(database, undefined, provider));
});
afterAll(async () => {
  for (const office of offices.values()) await office.close();
  await database.drop();
});

function officeOf(provider: Provider): PostOffice {
  const office = offices.get(provider);
  if (!office) throw new Error("no office");
  return office;
}

const addresses = (office: PostOffice) => office.mails().flatMap(({ to }) => to.map(({ email }) => email));
const replay = (office: PostOffice) =>
  office.db.query("update deliveries set state = 'due', due_at = now(), sending_at = null, waits = attempts");

describe.each(["sendgrid", "resend"] as const)("what every mail provider must fulfil: %s", (provider) => {
  let office: PostOffice;
  beforeAll(() => {
    office = officeOf(provider);
  });
  beforeEach(() => office.clear());

  it("sends the mail to each recipient separately, once, with the id of the delivery", async () => {
    const id = await office.arrive(eagerBody());
    await office.work();
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state: "done",
      attempts: 1,
      result: { accepted: ["a…@example.com", "g…@example.org"], refused: [] },
    });
    expect(office.mails().map(({ to, from, customArgs }) => ({ to, from, customArgs }))).toEqual(
      ["ada@example.com", "grace@example.org"].map((email) => ({
        to: [{ email }],
        from: { email: "sender@shop.example" },
        customArgs: { delivery_id: delivery.id },
      })),
    );
    expect(office.mails().map(({ subject, text, html }) => [subject, text !== null, html !== null])).toEqual(
      Array(2).fill(["2 formats of trailers/harbour are ready", true, true]),
    );
    await replay(office);
    await office.work();
    expect(office.mails()).toHaveLength(2);
  });

  it("keeps what the provider answered to a mail that failed, without addresses and keys", async () => {
    office.faults.add({ kind: "status", status: 401 });
    const id = await office.arrive(eagerBody());
    await office.work();
    const [kept] = await exchangesOf(office.db, id);
    expect(kept).toMatchObject({
      method: "POST",
      path: expect.stringMatching(provider === "sendgrid" ? /^\/v3\/mail\/send$/ : /\/emails\/batch$/),
      status: 401,
      headers: { "content-type": expect.stringContaining("json") },
      body: expect.stringMatching(/^\{/),
      cut: false,
    });
    expect(JSON.stringify(kept)).not.toMatch(/ada@|grace@|authorization/i);
  });

  it("E1 a lost answer causes no second mail", async () => {
    office.faults.add({ kind: "reset", when: "after-work" });
    const id = await office.arrive(eagerBody());
    await office.work();
    await makeDue(office.db);
    await office.work();
    expect(addresses(office)).toEqual(["ada@example.com", "grace@example.org"]);
    expect(await office.delivery(id)).toMatchObject(
      provider === "resend" ? { state: "done" } : { state: "held", last_error: "outcome-unknown" },
    );
  });

  it("E2 skips and reports an invalid recipient, and sends to it alone once it is corrected", async () => {
    const to = ["ada@example.com", "not-an-address", "grace@example.org"];
    const id = await office.arrive(eagerBody());
    await office.work({ account: { to } });
    expect(addresses(office)).toEqual(["ada@example.com", "grace@example.org"]);
    expect(await office.delivery(id)).toMatchObject({
      state: "done",
      attempts: 1,
      result: { refused: [{ recipient: "…", reason: expect.stringMatching(/valid/i) }] },
    });
    await replay(office);
    await office.work({ account: { to: to.with(1, "alan@example.com") } });
    expect(addresses(office).at(-1)).toBe("alan@example.com");
    expect(addresses(office)).toHaveLength(3);
  });

  it("E2 fails when every recipient, or the sender, is rejected; only recipients are reported as such", async () => {
    const all = await office.arrive(eagerBody());
    await office.work({ account: { to: ["nobody", "nowhere"] } });
    expect(await office.delivery(all)).toMatchObject({
      state: "dead",
      last_error: expect.stringContaining(`${names[provider]} rejected every recipient`),
      result: { accepted: [], refused: [{ recipient: "…" }, { recipient: "…" }] },
    });
    await office.clear();
    await office.db.query("delete from refused_recipients");
    const sender = await office.arrive(eagerBody());
    await office.work({ account: { from: "not-verified" } });
    expect(await office.delivery(sender)).toMatchObject({
      state: "dead",
      last_error: expect.stringMatching(/from/i),
      result: { accepted: [], refused: [] },
    });
    expect((await office.db.query("select from refused_recipients")).rows).toEqual([]);
    expect(office.mails()).toEqual([]);
  });

  it.each<[number, string]>([
    [429, "due"],
    [408, "due"],
    [500, "due"],
    [503, "due"],
    [400, "dead"],
    [401, "dead"],
    [403, "dead"],
    [422, "dead"],
  ])("E3 a response with %i leaves the delivery %s", async (status, state) => {
    office.faults.add({ kind: "status", status });
    const id = await office.arrive(eagerBody());
    await office.work();
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state,
      last_error: expect.stringContaining(`${names[provider]} returned ${status}`),
    });
    expect(office.mails()).toEqual([]);
    if (state === "dead") return;
    await makeDue(office.db);
    await office.work();
    expect(office.mails()).toHaveLength(2);
    expect(await office.delivery(id)).toMatchObject({ state: "done" });
  });

  it("E3 waits as long as the answer of a rate limit says", async () => {
    const headers = { "Retry-After": "40", "X-RateLimit-Reset": "" };
    office.faults.add({ kind: "status", status: 429, headers });
    const id = await office.arrive(eagerBody());
    await office.work();
    const { dueInMs } = await office.delivery(id);
    expect(dueInMs).toBeGreaterThan(30_000);
    expect(dueInMs).toBeLessThan(50_000);
  });

  it("E3 retries what was certainly not sent", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: "http://127.0.0.1:1" } });
    expect(await office.delivery(id)).toMatchObject({ state: "due", sending_at: null });
    await makeDue(office.db);
    await office.work();
    expect(office.mails()).toHaveLength(2);
  });

  it("E4 makes a burst one digest", async ({ onTestFinished }) => {
    holdClock(onTestFinished);
    const email = { digest: { most: 2, withinMs: 60_000, largest: 500 } };
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        office.arrive(eagerBody({ public_id: `burst/${n}`, asset_id: hexId() })),
      ),
    );
    await office.work({ email, account: { to: ["ada@example.com"] } });
    const alone = office.mails().length;
    expect(alone).toBeLessThan(15);
    await makeDue(office.db);
    await office.work({ email, account: { to: ["ada@example.com"] } });
    expect(office.mails()).toHaveLength(alone + 1);
    expect(office.mails().at(-1)?.subject).toBe(`${40 - alone} notifications from Cloudinary`);
  });

  it("E5 a hostile public id is inert", async () => {
    await office.arrive(uploadBody({ public_id: "cat\r\nBcc: all@example.com <img src=x>" }));
    await office.work();
    const [mail] = office.mails();
    expect(mail?.subject).toBe("cat Bcc: a…@example[.]com <img src=x> was uploaded");
    expect(mail?.html).toContain("&#60;img src=x&#62;");
    expect(mail?.bcc).toEqual([]);
  });

  it("reaches no recipient from a preview", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ options: { sandbox: true } });
    expect(await office.delivery(id)).toMatchObject({ state: "done", result: { sandbox: true } });
    expect(new Set(addresses(office))).toEqual(
      new Set(provider === "resend" ? ["delivered@resend.dev"] : []),
    );
  });
});

describe("Resend repeats a request with an unknown outcome", () => {
  let office: PostOffice;
  beforeAll(() => {
    office = officeOf("resend");
  });
  beforeEach(() => office.clear());
  const email = { timeoutMs: 1_000 };
  const lostTwice = async () => {
    office.faults.add({ kind: "hang", when: "after-work", times: 2 });
    const id = await office.arrive(eagerBody());
    await office.work({ email });
    expect(await office.delivery(id)).toMatchObject({
      state: "due",
      last_error: expect.stringContaining("the request is repeated"),
    });
    return id;
  };

  it("in the next attempt, with the same key", async () => {
    const id = await lostTwice();
    await makeDue(office.db);
    await office.work();
    expect(await office.delivery(id)).toMatchObject({ state: "done", attempts: 2 });
    expect(office.requests).toHaveLength(3);
    expect(addresses(office)).toEqual(["ada@example.com", "grace@example.org"]);
  });

  it("not as another mail, nor after Resend has forgotten the key: it is held, and a person decides", async () => {
    const other = await lostTwice();
    await makeDue(office.db);
    await office.work({ email: { timeZone: "Asia/Tokyo" } });
    expect(await office.delivery(other)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    const late = await lostTwice();
    await office.db.query(
      "update deliveries set due_at = now(), progress = jsonb_set(progress, '{pending,at}', to_jsonb(extract(epoch from now() - interval '24 hours') * 1000)) where notification_id = $1",
      [late],
    );
    await office.work();
    expect(await office.delivery(late)).toMatchObject({ state: "held", last_error: "outcome-unknown" });
    expect(office.mails()).toHaveLength(4);
    await replay(office);
    await office.work();
    expect(await office.delivery(late)).toMatchObject({ state: "done" });
    expect(office.mails()).toHaveLength(4); // Resend still knows these requests.
  });

  it("after its worker was lost", async () => {
    office.faults.add({ kind: "hang", when: "after-work" });
    const id = await office.arrive(eagerBody());
    const lost = office.work();
    await expect.poll(() => office.mails().length).toBe(2);
    await endLeases(office.db);
    await office.work();
    expect(await office.delivery(id)).toMatchObject({ state: "done", attempts: 2 });
    office.breakConnections();
    await lost;
    expect(await office.delivery(id)).toMatchObject({ state: "done", attempts: 2 });
    expect(office.mails()).toHaveLength(2);
  });

  it("sends 101 recipients in two requests", async () => {
    const to = Array.from({ length: 101 }, (_, n) => `reader-${n}@example.com`);
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "delay" });
    office.faults.add({ kind: "reset", when: "after-work" });
    await office.work({ account: { to } });
    expect(await office.delivery(id)).toMatchObject({ state: "done", attempts: 1 });
    expect(addresses(office)).toEqual(to);
  });
});
