import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeDue } from "../../support/deliveries.ts";
import { eagerBody, moderationBody } from "./bodies.ts";
import { type DeliverChanges, holdClock, type PostOffice, postOffice } from "./post-office.ts";

beforeEach(({ onTestFinished }) => holdClock(onTestFinished));

describe("a digest", () => {
  let office: PostOffice;
  beforeAll(async () => {
    office = await postOffice();
  });
  afterAll(() => office.close());
  beforeEach(() => office.clear());

  const gathering = { digest: { most: 0, withinMs: 60_000, largest: 500 } };
  const rows = async (columns: string) =>
    (await office.db.query(`select distinct ${columns} from deliveries`)).rows;

  /** Makes these wait, as a burst before them would, and lets the minute pass. */
  async function waiting(bodies: object[], changes: DeliverChanges = {}): Promise<void> {
    for (const body of bodies) await office.arrive(body);
    await office.work({ email: gathering, ...changes });
    await makeDue(office.db);
  }

  it("waits until the next full minute", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ email: gathering });
    const { dueInMs, state, sending_at } = await office.delivery(id);
    expect({ state, sending_at }).toEqual({ state: "due", sending_at: null });
    expect(dueInMs).toBeGreaterThan(50_000);
    expect(dueInMs).toBeLessThanOrEqual(55_000);
    expect(office.requests).toEqual([]);
  });

  it("shows what needs attention first, then pictures, and links each record", async () => {
    const failed = { eager: [{ transformation: "w_1", status: "failed", reason: "too large" }] };
    await waiting([eagerBody(), eagerBody({ public_id: "broken", ...failed }), moderationBody("rejected")]);
    await office.work({ options: { siteUrl: "https://hooks.example.com" } });
    const [mail] = office.mails();
    expect(mail?.subject).toBe("3 notifications from Cloudinary, 2 need attention");
    const html = mail?.html ?? "";
    expect(html.match(/<img [^>]*src="[^"]*"/g)).toEqual([
      expect.stringContaining(
        "https://res.cloudinary.com/demo/video/upload/c_fill,f_jpg,h_340,q_auto:good,w_340/v1772446500/trailers/harbour.jpg",
      ),
    ]);
    expect(html.indexOf("1 of 1 format of broken failed")).toBeLessThan(
      html.indexOf("2 formats of trailers/harbour"),
    );
    expect(html).toContain("too large");
    expect(html.match(/https:\/\/hooks\.example\.com\/console\/notifications\/[0-9a-f-]{36}/g)).toHaveLength(
      3,
    );
    expect(mail?.text).toContain("- reviews/knight was rejected by Amazon Rekognition");
  });

  it("of one notification is an ordinary mail", async () => {
    await waiting([eagerBody()]);
    await office.work({ email: gathering });
    expect(office.requests.map(({ subject }) => subject)).toEqual([
      "2 formats of trailers/harbour are ready",
    ]);
  });

  it("has at most the configured size; the rest follows in another digest", async () => {
    await waiting(Array.from({ length: 12 }, () => eagerBody()));
    const digest = { ...gathering.digest, largest: 8 };
    for (let minute = 0; minute < 4; minute += 1) {
      await office.work({ email: { digest } });
      await makeDue(office.db);
    }
    const counts = office.requests.map(({ subject }) =>
      Number(/^(\d+) notifications/.exec(subject)?.[1] ?? 1),
    );
    expect(Math.max(...counts)).toBe(8);
    expect(counts.reduce((sum, n) => sum + n)).toBe(12);
  });

  it("never mixes recipients", async () => {
    const rules = ["a", "b"].map((folder) => ({ folder, to: [`${folder}@example.com`] }));
    for (const n of [1, 2, 3, 4]) await office.arrive(eagerBody({ public_id: `${n % 2 ? "a" : "b"}/${n}` }));
    await office.work({ email: { ...gathering, rules } });
    await makeDue(office.db);
    await office.work({ email: { ...gathering, rules } });
    expect(
      office
        .mails()
        .map(({ to, subject }) => [to[0]?.email, subject])
        .sort(),
    ).toEqual([
      ["a@example.com", "2 notifications from Cloudinary"],
      ["b@example.com", "2 notifications from Cloudinary"],
    ]);
  });

  it("with an unknown outcome is held with all its deliveries, and sent as one digest when released", async () => {
    await waiting([eagerBody(), eagerBody(), eagerBody()]);
    office.faults.add({ kind: "reset", when: "after-body" });
    await office.work();
    expect(await rows("state, last_error, sending_at is not null as marked")).toEqual([
      { state: "held", last_error: "outcome-unknown", marked: true },
    ]);
    expect(office.mails()).toEqual([]);
    await office.db.query("update deliveries set state = 'due', due_at = now(), sending_at = null");
    await office.work();
    expect(await rows("state")).toEqual([{ state: "done" }]);
    expect(office.requests).toHaveLength(2);
  });

  it.each([
    [503, "due", 1],
    [401, "dead", 1],
  ])("answered with %i leaves all of them %s", async (status, state, attempts) => {
    await waiting([eagerBody(), eagerBody(), eagerBody()]);
    office.faults.add({ kind: "status", status });
    await office.work();
    expect(
      await rows("state, attempts - waits as tries, sending_at is not null and state = 'due' as marked"),
    ).toEqual([{ state, tries: attempts, marked: false }]);
    if (state === "dead") return;
    await makeDue(office.db);
    await office.work();
    expect(await rows("state")).toEqual([{ state: "done" }]);
    expect(office.mails()).toHaveLength(2);
  });

  it("fails permanently when the retries of its deliveries are used up", async () => {
    await waiting([eagerBody(), eagerBody()]);
    for (let tries = 0; tries < 8; tries += 1) {
      office.faults.add({ kind: "status", status: 500 });
      await office.work();
      await makeDue(office.db);
    }
    expect(await rows("state, attempts - waits as tries")).toEqual([{ state: "dead", tries: 8 }]);
  });

  it("sent to some recipients goes only to the others on retry", async () => {
    const to = ["ada@example.com", "broken"];
    for (const body of [eagerBody(), eagerBody()]) await office.arrive(body);
    await office.work({ email: gathering, account: { to } });
    await makeDue(office.db);
    await office.work({ account: { to } });
    expect(await rows("state")).toEqual([{ state: "done" }]);
    expect(office.mails()).toHaveLength(1);

    await office.db.query("update deliveries set state = 'due', due_at = now(), sending_at = null");
    await office.work({ account: { to: ["ada@example.com", "mended@example.com"] } });
    expect(await rows("state")).toEqual([{ state: "done" }]);
    expect(office.mails().map(({ to: [one], subject }) => [one?.email, subject])).toEqual([
      ["ada@example.com", "2 notifications from Cloudinary"],
      ["mended@example.com", "2 notifications from Cloudinary"],
    ]);
  });

  it("excludes deliveries that some of its recipients already have", async () => {
    const account = { to: ["ada@example.com", "broken"] };
    await waiting([eagerBody({ public_id: "first" })], { account });
    await office.work({ account });
    expect(await rows("state")).toEqual([{ state: "done" }]); // Ada has it, the other was refused.
    await waiting([eagerBody({ public_id: "second" })], { account });
    await office.db.query("update deliveries set state = 'due', due_at = now(), sending_at = null");
    expect(await rows("subject")).toHaveLength(1);
    for (let minute = 0; minute < 2; minute += 1) {
      await office.work({ account: { to: ["ada@example.com", "mended@example.com"] } });
      await makeDue(office.db);
    }
    expect(
      office
        .mails()
        .map(({ to: [one], subject }) => `${one?.email}: ${subject}`)
        .sort(),
    ).toEqual([
      "ada@example.com: 2 formats of first are ready",
      "ada@example.com: 2 formats of second are ready",
      "mended@example.com: 2 formats of first are ready",
      "mended@example.com: 2 formats of second are ready",
    ]);
  });

  it("lists a body that is too large to load by its type and public id", async () => {
    const heavy = { public_id: "heavy", padding: "x".repeat(70_000) };
    await waiting([eagerBody(heavy), eagerBody(heavy)]); // One leads, and is read; the other is taken along.
    await office.work();
    expect(office.mails()[0]?.text).toContain("- Cloudinary reported eager: heavy");
  });
});
