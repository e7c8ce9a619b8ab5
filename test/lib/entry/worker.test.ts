import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import deliverBackground from "../../../netlify/functions/deliver-background.ts";
import notification from "../../../netlify/functions/notification.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { sendNudge } from "../../../src/lib/deliveries/nudge.ts";
import { wakeUps } from "../../../src/lib/deliveries/wake-up.ts";
import { blobs, type TestBlobs } from "../../support/blobs.ts";
import { uploadBody } from "../../support/bodies.ts";
import { arrive, deliveriesOf } from "../../support/deliveries.ts";
import { environment } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { signedRequest, testSecret } from "../../support/signed-request.ts";
import { site } from "../../support/site.ts";

const receiver = ownReceiver();

const at = (headers: Record<string, string> = {}) =>
  new Request(new URL("/.netlify/functions/deliver-background", receiver.site.origin), {
    method: "POST",
    headers,
  });

/** A real nudge, caught on its way. */
async function nudgeHeaders(secret = testSecret): Promise<Record<string, string>> {
  await sendNudge(receiver.site.origin, [
    { name: "CLOUDINARY_URL", value: secret, expiresAt: null, cloud: null },
  ]);
  return { "x-nudge": receiver.site.requests.at(-1)?.headers["x-nudge"] ?? "" };
}

describe("deliver-background", () => {
  it("delivers due deliveries after a nudge", async () => {
    const id = await arrive(uploadBody({ public_id: "products/LAMP-7/main" }), receiver.site.origin);
    const response = await invoke(deliverBackground, at(await nudgeHeaders()));
    expect(response.status).toBe(200);
    expect(await deliveriesOf(receiver.database.db, id)).toMatchObject([
      { handler: "moderation", state: "skipped" },
      { handler: "pim", state: "done" },
    ]);
  });

  it("rejects calls that are not from the receiver itself, and claims nothing", async () => {
    const id = await arrive(uploadBody(), receiver.site.origin);
    for (const headers of [
      {},
      { "x-nudge": "0".repeat(64) },
      await nudgeHeaders("another-secret-altogether"),
    ]) {
      const response = await invoke(deliverBackground, at(headers));
      expect([response.status, await response.json()]).toEqual([401, { error: { reason: "not-a-nudge" } }]);
    }
    for (const delivery of await deliveriesOf(receiver.database.db, id))
      expect(delivery).toMatchObject({ state: "due", attempts: 0 });
  });

  it("accepts the hook's own nudge", async () => {
    await sleep(1_100); // The pulse of the notification before.
    const before = receiver.site.requests.length;
    await arrive(uploadBody(), receiver.site.origin);
    const sent = receiver.site.requests.slice(before);
    expect(sent).toHaveLength(1);
    const response = await invoke(deliverBackground, at({ "x-nudge": sent[0]?.headers["x-nudge"] ?? "" }));
    expect(response.status).toBe(200);
  });
});

describe("a database that sleeps", () => {
  let store: TestBlobs;
  beforeEach(async () => {
    store = await blobs();
    environment({
      NETLIFY_DB_URL: receiver.database.url,
      CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
    });
  });
  afterEach(() => store.stop());

  it("is queried by a sweep after a lost nudge", async () => {
    const away = await site(500);
    await receiver.database.db.query("update pulse set at = now() - interval '1 minute'");
    await arrive(uploadBody(), away.origin);
    await away.close();
    expect(await store.keys()).toEqual([expect.stringMatching(/^due\/\d{8}T\d{4}$/)]);
  });

  describe("while a worker runs", () => {
    const scheduled = async () =>
      (await store.keys()).map((key) => key.replace(/^due\/\d{8}T\d{4}/, "<minute>"));
    const work = async () =>
      expect((await invoke(deliverBackground, at(await nudgeHeaders()))).status).toBe(200);

    beforeEach(async () => {
      await receiver.database.db.query("delete from notifications"); // Nothing is due later.
    });

    it("is queried by a sweep in case the worker is lost, and sleeps if it ends with nothing left", async () => {
      const working = work();
      await expect
        .poll(scheduled, { interval: 20, timeout: 5_000 })
        .toEqual([expect.stringMatching(/^<minute>\/[\da-f-]{36}$/)]);
      // Of another worker, which goes on.
      const other = wakeUps().safeguard();
      await other.renew(new Date());
      await working;
      expect(await scheduled()).toHaveLength(1);
      await other.withdraw();
      expect(await scheduled()).toEqual([]);
    });

    it("is queried by a sweep when a delivery is due later", async () => {
      await arrive(uploadBody(), receiver.site.origin);
      await receiver.database.db.query("update deliveries set due_at = now() + interval '10 minutes'");
      await work();
      expect(await scheduled()).toEqual(["<minute>"]);
    });

    it("failures are reported by the worker, because no sweep follows", async () => {
      environment({
        NETLIFY_DB_URL: receiver.database.url,
        CLOUDINARY_URL: `cloudinary://123456789012345:${testSecret}@demo`,
      });
      await arrive(uploadBody(), receiver.site.origin);
      await receiver.database.db.query(
        "update deliveries set state = 'dead', settled_at = now(), last_error = 'Akeneo returned 403' where handler = 'pim'",
      );
      await work();
      const { rows } = await receiver.database.db.query("select kind from alert_states where active");
      expect(rows).toContainEqual({ kind: "dead" });
    });
  });
});

describe("sweep", () => {
  const scheduled = () =>
    new Request(new URL("/.netlify/functions/sweep", receiver.site.origin), {
      method: "POST",
      body: '{"next_run":"soon"}',
    });

  it("I10 finds deliveries whose nudge was lost", async () => {
    const away = await site(500); // Every nudge is lost.
    const id = await arrive(uploadBody(), away.origin);
    await away.close();
    const response = await invoke(sweep, scheduled());
    expect(await response.json()).toMatchObject({ looked: true, left: false });
    for (const delivery of await deliveriesOf(receiver.database.db, id))
      expect(["done", "skipped"]).toContain(delivery.state);
  });
});

describe.each([
  ["deliver-background", deliverBackground],
  ["sweep", sweep],
])("%s", (_name, work) => {
  it.each(["deploy-preview", "branch-deploy"])("claims nothing in a %s", async (deployContext) => {
    await arrive(uploadBody(), receiver.site.origin);
    const response = await invoke(work, at(await nudgeHeaders()), { deployContext });
    expect(response.status).toBe(503);
    const { rows } = await receiver.database.db.query(
      "select count(*)::int as n from deliveries where state = 'due'",
    );
    expect(rows[0]?.n).toBeGreaterThan(0);
  });

  it("answers 500 without a configuration", async () => {
    const headers = await nudgeHeaders();
    environment({});
    expect((await invoke(work, at(headers))).status).toBe(500);
  });
});

it("an unverified request causes no nudge", async () => {
  await sleep(1_100);
  const before = receiver.site.requests.length;
  await invoke(
    notification,
    signedRequest(uploadBody(), { origin: receiver.site.origin, secret: "wrong-wrong-wrong" }),
  );
  expect(receiver.site.requests.length).toBe(before);
});
