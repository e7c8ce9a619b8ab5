import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readProgress } from "../../../src/handlers/email/send/progress.ts";
import { transmit } from "../../../src/handlers/email/send/transmit.ts";
import { makeDue } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

const sentTo = () => office.mails().flatMap(({ to }) => to.map(({ email }) => email));
const people = (count: number) => Array.from({ length: count }, (_, n) => `reader-${n + 1}@example.com`);

/** As an operator's replay does. */
const replay = () =>
  office.db.query("update deliveries set state = 'due', due_at = now(), sending_at = null");

describe("E2 recipients that SendGrid rejects", () => {
  const nine = people(9);
  const ten = [...nine.slice(0, 4), "not-an-address", ...nine.slice(4)];

  it("are skipped and reported, and the others get the mail in the same attempt", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { to: ten } });
    expect(sentTo()).toEqual(nine);
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({ state: "done", attempts: 1, last_error: null });
    expect(delivery.result).toMatchObject({
      accepted: Array(9).fill("r…@example.com"),
      refused: [{ recipient: "…", reason: expect.stringContaining("valid address") }],
    });
  });

  it("are the only ones to get the mail after the address is corrected", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { to: ten } });
    await replay();
    await office.work({
      account: { to: ten.map((address) => (address.includes("@") ? address : "tenth@example.com")) },
    });
    expect(sentTo()).toEqual([...nine, "tenth@example.com"]);
    expect(await office.delivery(id)).toMatchObject({
      state: "done",
      result: { accepted: [...Array(9).fill("r…@example.com"), "t…@example.com"], refused: [] },
    });
  });

  it("can be all of them, and nothing is sent", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { to: ["nobody", "nowhere"] } });
    expect(sentTo()).toEqual([]);
    expect(await office.delivery(id)).toMatchObject({
      state: "dead",
      result: { accepted: [], refused: [{ recipient: "…" }, { recipient: "…" }] },
    });
  });

  it("do not hide a rejected sender, which ends the attempt", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { from: "not-verified" } });
    expect(await office.delivery(id)).toMatchObject({
      state: "dead",
      last_error: expect.stringContaining("The from email does not contain a valid address."),
      result: { accepted: [] },
    });
    expect(office.requests).toHaveLength(1);
  });

  it("are excluded from a retry, as are recipients that have the mail", async () => {
    // The first request names the bad one, the second is told to come back later.
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "delay" });
    office.faults.add({ kind: "status", status: 503 });
    await office.work({ account: { to: ten } });
    expect(await office.delivery(id)).toMatchObject({
      state: "due",
      result: { accepted: [], refused: [{ recipient: "…" }] },
    });
    await makeDue(office.db);
    await office.work({ account: { to: ten } });
    expect(sentTo()).toEqual(nine);
  });
});

describe("more than 1,000 recipients", () => {
  const crowd = people(1_001);

  it("get the mail in several requests", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { to: crowd } });
    expect(office.requests.map(({ personalizations }) => personalizations.length)).toEqual([1_000, 1]);
    expect(new Set(sentTo())).toEqual(new Set(crowd));
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state: "done",
      result: { messageIds: [expect.any(String), expect.any(String)] },
    });
  });

  it.each([
    ["is refused for now", { kind: "status", status: 429 }, "due", 1_001],
    ["is lost", { kind: "reset", when: "after-body" }, "held", 1_001],
    ["is lost after it was taken", { kind: "reset", when: "after-work" }, "held", 1_002],
  ] as const)("get no second mail when a later request %s", async (_name, fault, state, mails) => {
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "delay" }); // The first request goes through.
    office.faults.add(fault);
    await office.work({ account: { to: crowd } });
    expect(await office.delivery(id)).toMatchObject({ state });
    await replay();
    await office.work({ account: { to: crowd } });
    expect(await office.delivery(id)).toMatchObject({ state: "done" });
    expect(sentTo()).toHaveLength(mails);
    expect(sentTo().filter((address) => address === "reader-1@example.com")).toHaveLength(1);
  });

  it("get no second mail when the worker crashed between two requests and an operator releases the delivery", async () => {
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "delay" });
    office.faults.add({ kind: "hang", when: "after-body" });
    const lost = office.work({ account: { to: crowd } });
    await expect.poll(() => office.requests.length).toBe(2);
    await replay();
    await office.work({ account: { to: crowd } });
    expect(await office.delivery(id)).toMatchObject({ state: "done" });
    expect(sentTo()).toHaveLength(1_001);
    office.breakConnections();
    await lost;
  });
});

it("nothing is sent after the deadline", async () => {
  const sent: string[] = [];
  const { stopped, progress } = await transmit(
    { from: "a", subject: "b", html: "c", text: "d" },
    ["ada@example.com"],
    {
      provider: {
        name: "SendGrid",
        maxRecipients: 1_000,
        repeatableMs: null,
        async post() {
          sent.push("mail");
          return { kind: "accepted", messageIds: [] };
        },
      },
      isRepeatable: true,
      deliveryId: "d",
      signal: AbortSignal.abort(),
      sandbox: false,
      progress: readProgress(null),
      save: async () => undefined,
    },
  );
  expect({ sent, stopped: stopped?.kind, accepted: progress.accepted }).toEqual({
    sent: [],
    stopped: "unavailable",
    accepted: [],
  });
});
