import { describe, expect, it } from "vitest";
import eager from "../../../netlify/functions/eager.ts";
import notification from "../../../netlify/functions/notification.ts";
import { type InvocationContext, receiver } from "../../../src/lib/entry/hook.ts";
import { hexId, oldDeleteBody, uploadBody } from "../../support/bodies.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { hasPgBouncer, pooledDatabase } from "../../support/pgbouncer.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { type SignedRequestOptions, signedRequest, testSecret } from "../../support/signed-request.ts";

if (!hasPgBouncer) console.warn("pgbouncer is not installed: the contract runs without a pooler in between");
const pooled: [string, () => Promise<TestDatabase>][] = hasPgBouncer
  ? [["PgBouncer in transaction mode", pooledDatabase]]
  : [];

describe.each<[string, () => Promise<TestDatabase>]>([
  ["PostgreSQL", realDatabase],
  ["PGlite as netlify dev runs it", embeddedDatabase],
  ...pooled,
])("on %s", (_name, open) => {
  const running = ownReceiver(open);

  const send = (body: object | string | Uint8Array, options: SignedRequestOptions = {}) =>
    invoke(notification, signedRequest(body, { origin: running.site.origin, ...options }));

  const rows = async (sql: string, ...params: (string | number)[]) =>
    (await running.database.db.query(sql, params)).rows;

  it("I1 records a notification with its deliveries before it answers 200", async () => {
    const body = uploadBody();
    const response = await send(body, { algorithm: "sha256" });
    expect(response.status).toBe(200);
    const { id, timesSeen } = (await response.json()) as { id: string; timesSeen: number };
    expect(timesSeen).toBe(1);
    const [row] = await rows("select * from notifications where id = $1", id);
    expect(row).toMatchObject({
      type: "upload",
      asset_id: body.asset_id,
      public_id: "garden/watering-can",
      version: "1760000123",
      request_id: body.request_id,
      source: "webhook",
      unexpected_for: null,
      secret_name: "CLOUDINARY_URL",
      cloud: "demo",
      by_public_hook: false,
      algorithm: "sha256",
      times_seen: 1,
      body: Buffer.from(JSON.stringify(body)),
    });
    expect(Object.keys(Object(row?.headers)).sort()).toEqual([
      "content-type",
      "user-agent",
      "x-cld-timestamp",
    ]);
    const deliveries = await rows(
      "select handler, subject, state, attempts, due_at <= now() as due from deliveries where notification_id = $1 order by handler",
      id,
    );
    expect(deliveries).toEqual([
      { handler: "moderation", subject: null, state: "due", attempts: 0, due: true },
      { handler: "pim", subject: null, state: "due", attempts: 0, due: true },
    ]);
    // Its only asset needs no listing, for which deliveries would wait.
    expect(await rows("select from unlisted_notifications where notification_id = $1", id)).toEqual([]);
  });

  it("records the cloud of the secret", async () => {
    const secret = "another-Cloud-secret-27-char";
    configured(running.database.url, { CLOUDINARY_WEBHOOK_SECRETS: `theirs:${secret}#their-cloud` });
    const { id } = (await (await send(uploadBody(), { secret })).json()) as { id: string };
    expect(await rows("select secret_name, cloud from notifications where id = $1", id)).toEqual([
      { secret_name: "theirs", cloud: "their-cloud" },
    ]);
  });

  it("a version later than the signature allows is lowered to the signature's time plus five minutes", async () => {
    const timestamp = Math.floor(Date.now() / 1_000) - 3_600;
    const version = 999_999_999_999_999;
    const body = uploadBody({
      version,
      resources: [
        { public_id: "a", version },
        { public_id: "b", version: 7 },
      ],
    });
    const { id } = (await (await send(body, { timestamp })).json()) as { id: string };
    const latest = String(timestamp + 300);
    expect(await rows("select version from notifications where id = $1", id)).toEqual([{ version: latest }]);
    expect(
      await rows(
        "select public_id, version from notification_asset where notification_id = $1 order by 1",
        id,
      ),
    ).toEqual([
      { public_id: "a", version: latest },
      { public_id: "b", version: "7" },
    ]);
  });

  describe("a notification that also arrived on the public hook", () => {
    const publicHook = (request: Request, context: InvocationContext) =>
      receiver(request, context, [], "public");
    const arriveBy = async (hook: typeof publicHook, body: object) => {
      const response = await invoke(hook, signedRequest(body, { origin: running.site.origin }));
      return ((await response.json()) as { id: string }).id;
    };
    const planned = async (id: string) =>
      (await rows("select handler from deliveries where notification_id = $1 order by handler", id)).map(
        ({ handler }) => handler,
      );

    it("is marked if the public arrival was first, and stays marked", async () => {
      const body = uploadBody();
      const id = await arriveBy(publicHook, body);
      await arriveBy(notification, body);
      expect(
        await rows("select source, by_public_hook, times_seen from notifications where id = $1", id),
      ).toEqual([{ source: "public", by_public_hook: true, times_seen: 2 }]);
      expect(await planned(id)).toEqual(["moderation", "pim"]);
    });

    it("is marked if the public arrival was later, and its product is checked once more", async () => {
      const body = uploadBody();
      const id = await arriveBy(notification, body);
      for (let times = 0; times < 3; times += 1) expect(await arriveBy(publicHook, body)).toBe(id);
      expect(
        await rows("select source, by_public_hook, times_seen from notifications where id = $1", id),
      ).toEqual([{ source: "webhook", by_public_hook: true, times_seen: 4 }]);
      expect(await planned(id)).toEqual(["moderation", "pim", "pim"]);
    });

    it("names every asset once, however often it arrives", async () => {
      const body = {
        notification_type: "delete",
        timestamp: new Date().toISOString(),
        resources: [{ public_id: "a" }, { public_id: "b" }],
      };
      const id = await arriveBy(notification, body);
      for (const hook of [notification, publicHook]) expect(await arriveBy(hook, body)).toBe(id);
      expect(
        await rows("select public_id from notification_asset where notification_id = $1 order by 1", id),
      ).toEqual([{ public_id: "a" }, { public_id: "b" }]);
    });

    it("is listed later if it names more than a thousand assets", async () => {
      const resources = Array.from({ length: 1_001 }, (_, n) => ({ public_id: `shelf/${n}` }));
      const timestamp = new Date().toISOString();
      const id = await arriveBy(publicHook, { notification_type: "delete", timestamp, resources });
      expect(
        await rows(
          "delete from unlisted_notifications u using notifications n where u.notification_id = n.id and n.id = $1 returning by_public_hook",
          id,
        ),
      ).toEqual([{ by_public_hook: true }]);
    });

    it("names every asset of a body that has several", async () => {
      const id = await arriveBy(publicHook, {
        notification_type: "delete",
        timestamp: new Date().toISOString(),
        resources: [{ public_id: "a" }, { public_id: "b" }],
      });
      expect(
        await rows("select public_id from notification_asset where notification_id = $1 order by 1", id),
      ).toEqual([{ public_id: "a" }, { public_id: "b" }]);
    });
  });

  it("D1 one hundred concurrent identical requests cause one notification and one set of deliveries", async () => {
    const body = JSON.stringify(uploadBody());
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(body)));
    expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(200));
    const seen = await Promise.all(
      answers.map(async (answer) => (await answer.json()) as { id: string; timesSeen: number }),
    );
    expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
    expect(seen.map(({ timesSeen }) => timesSeen).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    const id = seen[0]?.id ?? "";
    expect(await rows("select times_seen from notifications where id = $1", id)).toEqual([
      { times_seen: 100 },
    ]);
    expect(
      await rows("select handler from deliveries where notification_id = $1 order by handler", id),
    ).toEqual([{ handler: "moderation" }, { handler: "pim" }]);
  });

  it("D2 a retry with another timestamp and signature is the same notification if the body contains a time", async () => {
    const body = uploadBody();
    const now = Math.floor(Date.now() / 1_000);
    const first = await (await send(body, { timestamp: now - 180 })).json();
    const second = await (await send(body, { timestamp: now, algorithm: "sha256" })).json();
    expect(second).toEqual({ id: (first as { id: string }).id, timesSeen: 2 });
    expect(
      await rows(
        "select last_seen_at > received_at as later from notifications where id = $1",
        (first as { id: string }).id,
      ),
    ).toEqual([{ later: true }]);
  });

  it("a body without a time is a new event with a new timestamp, and a repeat with the same", async () => {
    const body = oldDeleteBody(`pond/${hexId(8)}`);
    const now = Math.floor(Date.now() / 1_000);
    const first = (await (await send(body, { timestamp: now - 60 })).json()) as { id: string };
    const repeat = (await (await send(body, { timestamp: now - 60 })).json()) as { id: string };
    const again = (await (await send(body, { timestamp: now })).json()) as { id: string };
    expect(repeat).toEqual({ id: first.id, timesSeen: 2 });
    expect(again.id).not.toBe(first.id);
    expect(again).toMatchObject({ timesSeen: 1 });
  });

  it("an add-on result that is sent again is the same notification, and another result is a new one", async () => {
    const info = {
      notification_type: "info",
      info_kind: "google_video_tagging",
      info_status: "complete",
      asset_id: hexId(),
      public_id: "reel",
      version: 1_700_000_000,
      uploaded_at: "2023-11-14T22:13:20Z",
      info_data: [],
    };
    const sprite = {
      notification_type: "sprite",
      asset_id: hexId(),
      public_id: "icons",
      version: 1_700_000_000,
    };
    const now = Math.floor(Date.now() / 1_000);
    for (const [body, other] of [
      [info, { ...info, info_status: "failed" }],
      [sprite, { ...sprite, version: 1_700_000_001 }],
    ] as const) {
      const first = (await (await send(body, { timestamp: now - 180 })).json()) as { id: string };
      expect(await (await send(body, { timestamp: now })).json()).toEqual({ id: first.id, timesSeen: 2 });
      expect(await (await send(other, { timestamp: now })).json()).toMatchObject({ timesSeen: 1 });
    }
  });

  it("D4 an upload with a decision is a different notification from the earlier upload", async () => {
    const body = uploadBody();
    const pending = (await (
      await send({ ...body, moderation: [{ kind: "manual", status: "pending" }] })
    ).json()) as { id: string };
    const decided = (await (
      await send({ ...body, moderation: [{ kind: "manual", status: "approved" }] })
    ).json()) as { id: string };
    expect(decided.id).not.toBe(pending.id);
  });

  it("X11 X12 lists every asset of a body with several assets, as array and as object", async () => {
    const resource = (n: number) => ({
      asset_id: hexId(),
      resource_type: "image",
      type: "upload",
      version: 1_700_000_000 + n,
    });
    const array = {
      notification_type: "delete",
      resources: [1, 2].map((n) => ({ public_id: `several/${n}`, ...resource(n) })),
    };
    const object = {
      notification_type: "resource_tags_changed",
      resources: { "several/3": resource(3), __proto__x: resource(4), constructor: resource(5) },
    };
    const named = (public_id: string, { asset_id, version }: ReturnType<typeof resource>) => ({
      asset_id,
      public_id,
      version: String(version),
    });
    for (const [body, expected] of [
      [array, array.resources.map(({ public_id, ...one }) => named(public_id, one))],
      [object, Object.entries(object.resources).map(([public_id, one]) => named(public_id, one))],
    ] as const) {
      const { id } = (await (await send(body)).json()) as { id: string };
      const assets = await rows(
        "select asset_id, public_id, version from notification_asset where notification_id = $1 order by version",
        id,
      );
      expect(assets).toEqual(expected);
    }
  });

  it.each([
    ["X1 invalid UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), "unreadable"],
    ["X2 text", "no JSON at all", "unreadable"],
    ["X2 nothing", "", "unreadable"],
    ["X2 null", "null", "unreadable"],
    ["X2 an array", "[1]", "unreadable"],
    ["X2 a string", '"upload"', "unreadable"],
    ["X2 a number", "7", "unreadable"],
    ["X2 a byte order mark before JSON", '\u{feff}{"notification_type":"upload"}', "unreadable"],
    [
      "X4 __proto__ keys",
      '{"__proto__":{"notification_type":"delete"},"notification_type":"upload"}',
      "upload",
    ],
    [
      "X5 nesting of 5,000",
      `{"notification_type":"info","deep":${"[".repeat(5_000)}${"]".repeat(5_000)}}`,
      "info",
    ],
    ["X6 numbers beyond 2^53", '{"notification_type":"upload","version":9007199254740993}', "upload"],
    [
      "X7 half a surrogate pair and a NUL",
      '{"notification_type":"upload","public_id":"a\\ud800b\\u0000c","resources":[{"public_id":"\\udc00"},{"public_id":"\\u0000"}]}',
      "upload",
    ],
    ["X8 a type nobody knows", '{"notification_type":"teleported"}', "teleported"],
    ["X16 a body that a template replaced", '{"happened":"yes"}', "custom"],
  ])("%s is recorded byte for byte and answered 200", async (_name, body, type) => {
    const bytes = Buffer.from(body);
    const response = await send(bytes);
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    expect(await rows("select type, body from notifications where id = $1", id)).toEqual([
      { type, body: bytes },
    ]);
  });

  it("stores four of the headers, with at most 200 characters and without secrets", async () => {
    const headers = {
      "user-agent": `Cloudinary/1 ${testSecret} ${"x".repeat(300)}`,
      "content-type": "application/json; charset=utf-8",
      "x-nf-request-id": "01REQUEST",
      "x-forwarded-for": "203.0.113.7",
    };
    const timestamp = Math.floor(Date.now() / 1_000);
    const { id } = (await (await send(uploadBody(), { headers, timestamp })).json()) as { id: string };
    const [row] = await rows("select headers from notifications where id = $1", id);
    expect(row?.headers).toEqual({
      "user-agent": `Cloudinary/1 [secret] ${"x".repeat(300)}`.slice(0, 200),
      "content-type": "application/json; charset=utf-8",
      "x-nf-request-id": "01REQUEST",
      "x-cld-timestamp": String(timestamp),
    });
  });

  it("flags a type that arrived on another type's path, and still records it", async () => {
    const response = await invoke(
      eager,
      signedRequest(uploadBody(), { origin: running.site.origin, path: "/webhooks/eager" }),
    );
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    expect(await rows("select type, unexpected_for from notifications where id = $1", id)).toEqual([
      { type: "upload", unexpected_for: "/webhooks/eager" },
    ]);
  });
});
