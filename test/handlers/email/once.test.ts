import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { endLeases, makeDue } from "../../support/deliveries.ts";
import { eagerBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

const held = { state: "held", last_error: "outcome-unknown", attempts: 1 };

describe("E1 a mail with an unknown outcome is held", () => {
  it.each([
    ["SendGrid took it and the answer was lost", { kind: "reset", when: "after-work" }, 1],
    ["SendGrid took it and the answer never came", { kind: "hang", when: "after-work" }, 1],
    ["the connection broke after the body was read", { kind: "reset", when: "after-body" }, 0],
    ["nothing came back", { kind: "hang", when: "after-body" }, 0],
    [
      "the connection broke before SendGrid read the body, which had left here",
      { kind: "reset", when: "before-body" },
      0,
    ],
  ] as const)("%s", async (_name, fault, mails) => {
    office.faults.add(fault);
    const id = await office.arrive(eagerBody());
    const email = fault.kind === "hang" ? { timeoutMs: 1_000 } : {};
    await office.work({ email, account: { to: ["ada@example.com"] } });
    expect(await office.delivery(id)).toMatchObject(held);
    expect((await office.delivery(id)).sending_at).not.toBeNull();

    await makeDue(office.db);
    await office.work();
    expect(office.mails()).toHaveLength(mails); // Nothing was sent again by itself.
  });

  it("I4 the worker crashed between request and response", async () => {
    const id = await office.arrive(eagerBody());
    office.faults.add({ kind: "hang", when: "after-work" });
    // It still waits for the answer when its lease has ended: to all others it is as good as dead.
    const lost = office.work();
    await expect.poll(() => office.mails().length).toBe(2);
    await endLeases(office.db);
    await office.work();
    expect(await office.delivery(id)).toMatchObject(held);
    expect(office.mails()).toHaveLength(2);
    office.breakConnections();
    await lost; // Its late end changes nothing.
    expect(await office.delivery(id)).toMatchObject(held);
  });

  it("sends it under the same id when an operator releases it", async () => {
    office.faults.add({ kind: "reset", when: "after-body" });
    const id = await office.arrive(eagerBody());
    await office.work();
    const { id: deliveryId } = await office.delivery(id);
    await office.db.query(
      "update deliveries set state = 'due', due_at = now(), sending_at = null where id = $1",
      [deliveryId],
    );
    await office.work();
    expect(await office.delivery(id)).toMatchObject({ state: "done" });
    expect(office.mails().map(({ customArgs }) => customArgs)).toEqual([
      { delivery_id: deliveryId },
      { delivery_id: deliveryId },
    ]);
  });
});

it("a replay of a sent mail sends nothing, unless the operator starts over", async () => {
  const id = await office.arrive(eagerBody());
  await office.work();
  const due = "update deliveries set state = 'due', due_at = now(), sending_at = null, waits = attempts";
  await office.db.query(due);
  await office.work();
  expect(await office.delivery(id)).toMatchObject({
    state: "done",
    attempts: 2,
    result: { accepted: ["a…@example.com", "g…@example.org"] },
  });
  expect(office.requests).toHaveLength(1);

  await office.db.query(`${due}, progress = null`);
  await office.work();
  expect(office.requests).toHaveLength(2);
  expect(office.mails()).toHaveLength(4);
});

describe("a mail that was certainly not sent is retried", () => {
  it("connection refused", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: "http://127.0.0.1:1" } });
    expect(await office.delivery(id)).toMatchObject({
      state: "due",
      sending_at: null,
      last_error: "no response from SendGrid: ECONNREFUSED",
    });
  });

  it("unknown host", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: "http://sendgrid.invalid" } });
    expect(await office.delivery(id)).toMatchObject({ state: "due", sending_at: null });
  });

  it("connection lost while the body is being sent", async () => {
    await using server = await listening(
      createServer((socket) => {
        // Not before its beginning has come, which takes a busy machine longer than 100 ms.
        socket.once("data", () => {
          socket.pause();
          setTimeout(() => socket.resetAndDestroy(), 100);
        });
      }),
    );
    // More than the system's buffers take, so that the client still holds some of it.
    const to = Array.from({ length: 1_000 }, (_, n) => `${"x".repeat(20_000)}${n}@example.com`);
    const id = await office.arrive(eagerBody());
    await office.work({ account: { baseUrl: server.url, to } });
    expect(await office.delivery(id)).toMatchObject({ state: "due", sending_at: null });
  });
});

it("a response that is cut off after its status counts by its status", async () => {
  await using server = await listening(
    createHttpServer((request, response) => {
      request.resume().once("end", () => {
        response.writeHead(202, { "X-Message-Id": "broken-off", "Content-Length": "10" }).write("abc");
        setTimeout(() => request.socket.destroy(), 20);
      });
    }),
  );
  const id = await office.arrive(eagerBody());
  await office.work({ account: { baseUrl: server.url } });
  expect(await office.delivery(id)).toMatchObject({ state: "done", result: { messageIds: ["broken-off"] } });
});

/** The server on a free port, closed at the end of the block. */
async function listening(server: Server): Promise<{ url: string } & AsyncDisposable> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listening socket has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, "close");
    },
  };
}
