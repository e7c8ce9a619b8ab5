import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../netlify/functions/notification.ts";
import sweep from "../netlify/functions/sweep.ts";
import { moderationBody } from "./handlers/email/bodies.ts";
import { uploadBody } from "./support/bodies.ts";
import { arrive, deliveriesOf } from "./support/deliveries.ts";
import { environment } from "./support/environment.ts";
import { invoke } from "./support/invoke.ts";
import { ownReceiver } from "./support/receiver.ts";
import { signedRequest, testSecret } from "./support/signed-request.ts";

// From the signed request through the hook and the worker to the rows, as in production.

const receiver = ownReceiver();
beforeEach(() => {
  for (const name of ["log", "warn", "error"] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

async function arriveText(body: string): Promise<string> {
  const answer = await invoke(notification, signedRequest(body, { origin: receiver.site.origin }));
  expect(answer.status).toBe(200);
  const { id } = (await answer.json()) as { id: string };
  return id;
}

/** By the sweep, which looks once; the background function waits two seconds for more. */
async function work(): Promise<void> {
  const url = new URL("/.netlify/functions/sweep", receiver.site.origin);
  const answer = await invoke(sweep, new Request(url, { method: "POST", body: '{"next_run":"soon"}' }));
  expect(await answer.json()).toMatchObject({ looked: true, left: false });
}

describe("a type that is the name of an inherited object property", () => {
  it.each([
    "constructor",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__lookupSetter__",
  ])("%s is recorded, and no handler gets it", async (name) => {
    const body = `{"notification_type": ${JSON.stringify(name)}, "request_id": "${crypto.randomUUID()}"}`;
    const id = await arrive(JSON.parse(body), receiver.site.origin);
    const { rows } = await receiver.database.db.query("select type from notifications where id = $1", [id]);
    expect(rows).toEqual([{ type: name }]);
    expect(await deliveriesOf(receiver.database.db, id)).toEqual([]);
    await work();
    expect(await deliveriesOf(receiver.database.db, id)).toEqual([]);
  });
});

/** The end of each delivery after one round of the worker, by handler. */
async function ends(
  body: object,
): Promise<Record<string, { state: string; attempts: number; error: string | null }>> {
  const id = await arrive(body, receiver.site.origin);
  await work();
  const deliveries = await deliveriesOf(receiver.database.db, id);
  return Object.fromEntries(
    deliveries.map(({ handler, state, attempts, last_error: error }) => [
      handler,
      { state, attempts, error },
    ]),
  );
}

const noise = (length: number) => randomBytes(length).toString("base64url").slice(0, length);

describe("an invalid time", () => {
  const unreadable = [
    ["a day that does not exist", "2024-02-30T10:00:00Z"],
    ["a day that does not exist, without a time", "2024-02-30"],
    ["year 0", "0000-01-01T00:00:00Z"],
    ["a year of six digits", "+275760-09-13T00:00:00Z"],
    ["a year before our era", "-000044-03-15T00:00:00Z"],
    ["the last moment of year 9999, west of Greenwich", "9999-12-31T23:59:59-01:00"],
  ] as const;
  const unusual = [
    ["an offset of 23 hours", "2026-03-02T10:00:00+23:00", "2026-03-01T11:00:00.000Z"],
    [
      "a fraction of 130 digits",
      `2026-03-02T10:00:00.${"123456789".repeat(15).slice(0, 130)}Z`,
      "2026-03-02T10:00:00.123Z",
    ],
    ["an early year", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ] as const;
  const spots = (at = "") => ({
    "notification_context.triggered_at": uploadBody({ notification_context: { triggered_at: at } }),
    timestamp: uploadBody({ timestamp: at }),
    "moderation.updated_at": uploadBody({
      moderation: [{ kind: "manual", status: "pending", updated_at: at }],
    }),
    "access_control.start": uploadBody({
      access_control: [{ access_type: "token" }, { access_type: "anonymous", start: at, end: at }],
    }),
    moderation_updated_at: moderationBody("pending", { moderation_updated_at: at }),
  });

  it.each([...unreadable, ...unusual].map(([name, at]) => [name, at]))("%s: %s", async (_name, at) => {
    for (const [spot, body] of Object.entries(spots(at)))
      for (const [handler, { state, error }] of Object.entries(await ends(body)))
        expect
          .soft([spot, handler, state, error])
          .toEqual([
            spot,
            handler,
            expect.stringMatching(/^(done|skipped)$/),
            state === "skipped" ? expect.any(String) : null,
          ]);
  });

  it.each(unusual)("%s is read correctly", async (_name, at, utc) => {
    const body = uploadBody({ notification_context: { triggered_at: at } });
    await ends(body);
    const { rows } = await receiver.database.db.query<{ at: Date }>(
      "select public_id_at as at from pim_asset where asset_id = $1",
      [body.asset_id],
    );
    expect(rows[0]?.at.toISOString()).toBe(utc);
  });

  it.each(unreadable)("%s is not a valid time: the time of the signature is used", async (_name, at) => {
    const body = uploadBody({
      timestamp: undefined,
      notification_context: { triggered_at: at },
      access_control: [],
    });
    const before = Date.now();
    await ends(body);
    const { rows } = await receiver.database.db.query<{ at: Date }>(
      "select access_at as at from pim_asset where asset_id = $1",
      [body.asset_id],
    );
    // A far future is moved to the latest that the signature vouches for, `maxAheadSeconds` after it.
    const laterMs = (rows[0]?.at.getTime() ?? 0) - before;
    expect(laterMs).toBeGreaterThan(-10_000);
    expect(laterMs).toBeLessThan(360_000);
  });
});

describe("values for which a retry is useless", () => {
  it.each(["", "nothing", "ftp://example.com/a.jpg", "javascript:alert(1)", "https:///a.jpg"])(
    "an upload whose secure_url is %j is mapped to its product, without a picture",
    async (secure_url) => {
      environment({ DATABASE_URL: receiver.database.url, CLOUDINARY_WEBHOOK_SECRETS: `any:${testSecret}` });
      const body = uploadBody({ public_id: `products/URL-${noise(6)}/main`, secure_url, url: "" });
      expect(await ends(body)).toMatchObject({ pim: { state: "done", attempts: 1 } });
      const { rows } = await receiver.database.db.query(
        "select (select count(*)::int from pim_rendition r where r.asset_id = a.asset_id) as pictures from pim_asset a where asset_id = $1",
        [body.asset_id],
      );
      expect(rows).toEqual([{ pictures: 0 }]);
    },
  );

  it.each(["nothing", "ftp://example.com/a.jpg", "https:///a.jpg"])(
    "where the secret belongs to a cloud, an upload whose secure_url is %j is of no cloud of ours",
    async (secure_url) => {
      const all = Object.values(await ends(uploadBody({ secure_url })));
      expect(all.map(({ state, attempts }) => `${state} ${attempts}`)).toEqual(["skipped 1", "skipped 1"]);
    },
  );

  it("an eager result with an invalid secure_url is omitted, and the others are stored", async () => {
    environment({ DATABASE_URL: receiver.database.url, CLOUDINARY_WEBHOOK_SECRETS: `any:${testSecret}` });
    const secure_url =
      "https://res.cloudinary.com/demo/image/upload/w_100/v1760000123/garden/watering-can.jpg";
    const eager = [
      { transformation: "w_10", secure_url: "nowhere" },
      { transformation: "w_100", secure_url },
    ];
    const body = uploadBody({ eager, secure_url: "", url: "" });
    expect(await ends(body)).toMatchObject({ pim: { state: "done", attempts: 1 } });
    const { rows } = await receiver.database.db.query("select name from pim_rendition where asset_id = $1", [
      body.asset_id,
    ]);
    expect(rows).toEqual([{ name: "w_100" }]);
  });

  it("NUL in an asset id is stored as the replacement character", async () => {
    const asset = noise(20);
    const body = uploadBody({ asset_id: `${asset}\0x`, moderation: [{ kind: "manual", status: "pending" }] });
    const all = await ends(body);
    expect(all).toMatchObject({ pim: { state: "done" }, moderation: { state: "skipped" } });
    const { rows } = await receiver.database.db.query(
      "select asset_id from pim_asset where asset_id like $1",
      [`${asset}%`],
    );
    expect(rows).toEqual([{ asset_id: `${asset}\ufffdx` }]);
  });

  const tooLong = {
    asset_id: uploadBody({ asset_id: noise(3_000) }),
    public_id: uploadBody({ public_id: noise(3_000) }),
    "moderation kind": uploadBody({ moderation: [{ kind: noise(3_000), status: "rejected" }] }),
    "moderation status": uploadBody({ moderation: [{ kind: "manual", status: noise(3_000) }] }),
  };
  it.each(Object.entries(tooLong))(
    "%s of 3,000 characters ends at once, with the reason",
    async (_name, body) => {
      const all = Object.values(await ends(body));
      const dead = all.filter(({ state }) => state === "dead");
      expect(dead.length).toBeGreaterThan(0);
      for (const { attempts, error } of dead) {
        expect(attempts).toBe(1);
        expect(error).toMatch(/^the database rejects a value of this notification: .*index/);
        expect(error?.length).toBeLessThan(400);
      }
      expect(all.filter(({ state }) => state === "due")).toEqual([]);
    },
  );

  it.each([
    ["an array nested 20,000 deep", "[".repeat(20_000) + "]".repeat(20_000)],
    ["an object that cannot be converted", '{"valueOf": 1, "toString": 1}'],
  ])("a time that is %s ends the deliveries of its notification, and no sweep fails", async (_what, time) => {
    const body = JSON.stringify(uploadBody({ updated_at: "PLACE" })).replace('"PLACE"', time);
    const id = await arriveText(body);
    await work();
    for (const { state, attempts } of await deliveriesOf(receiver.database.db, id)) {
      expect(["done", "skipped"]).toContain(state);
      expect(attempts).toBe(1);
    }
  });

  it("metadata nested 50,000 levels deep assigns no product, and is processed", async () => {
    const deep = JSON.stringify(uploadBody({ metadata: { sku: "PLACE" } })).replace(
      '"PLACE"',
      "[".repeat(50_000) + "]".repeat(50_000),
    );
    const id = await arriveText(deep);
    await work();
    for (const { state, attempts } of await deliveriesOf(receiver.database.db, id)) {
      expect(["done", "skipped"]).toContain(state);
      expect(attempts).toBe(1);
    }
  });
});
