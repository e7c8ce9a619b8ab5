import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import uploadHook from "../../../netlify/functions/upload.ts";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { operatorToken } from "../tokens.ts";

let database: TestDatabase;
let here: Site;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(async () => {
  configured(database.url, { OPERATOR_TOKEN: operatorToken });
  await empty(database.db, "notifications");
});
afterEach(() => vi.unstubAllEnvs());

interface Row {
  id: string;
  type: string;
  publicId: string | null;
  timesSeen: number;
  thumbnail: string | null;
  secretName: string | null;
  deliveries: { handler: string; state: string }[];
  outcome: { title: string } | null;
}

async function list(query = ""): Promise<{ notifications: Row[]; next: string | null }> {
  const response = await ask(`/api/notifications${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { notifications: Row[]; next: string | null };
}

const idsOf = (page: { notifications: Row[] }) => page.notifications.map(({ id }) => id);

async function send(body: string | Uint8Array): Promise<string> {
  const response = await invoke(notification, signedRequest(body, { origin: here.origin }));
  return ((await response.json()) as { id: string }).id;
}

/** A failed asynchronous upload: its own type, or an upload that carries the error. */
const failedUploads = [
  {
    reason: "File size too large. Got 120000000. Maximum is 104857600.",
    body: { notification_type: "error", public_id: "products/ERR-1/main" },
  },
  {
    reason: "Invalid image file",
    body: { notification_type: "upload", status: "failed", public_id: "products/ERR-2/main" },
  },
];

it.each(failedUploads)(
  "a failed upload is due for e-mail only, and shown with its reason: $reason",
  async (failed) => {
    const body = { ...failed.body, timestamp: new Date().toISOString(), error: { message: failed.reason } };
    const request = signedRequest(body, { origin: here.origin, path: "/webhooks/upload" });
    const { id } = (await (await invoke(uploadHook, request)).json()) as { id: string };
    const { notifications } = await list();
    expect(notifications).toMatchObject([
      { type: "error", publicId: failed.body.public_id, deliveries: [{ handler: "email", state: "due" }] },
    ]);
    const response = await ask(`/api/notifications/${id}/story`);
    expect(await response.json()).toMatchObject({
      record: { unexpectedFor: null },
      shown: { reason: failed.reason, problems: [] },
    });
  },
);

describe("the list", () => {
  it("shows notifications newest first, with verdict, deliveries, times received and a picture", async () => {
    const first = await arrive(uploadBody({ public_id: "garden/hose" }), here.origin);
    const body = uploadBody();
    const second = await arrive(body, here.origin);
    await arrive(body, here.origin);
    const { notifications } = await list();
    expect(notifications.map(({ id }) => id)).toEqual([second, first]);
    expect(notifications[0]).toMatchObject({
      type: "upload",
      publicId: "garden/watering-can",
      timesSeen: 2,
      secretName: "CLOUDINARY_URL",
      algorithm: "sha1",
      source: "webhook",
      thumbnail:
        "https://res.cloudinary.com/demo/image/upload/c_limit,h_320,w_320/v1760000123/garden/watering-can.jpg",
      deliveries: [
        { handler: "moderation", state: "due" },
        { handler: "pim", state: "due" },
      ],
    });
  });

  it.each([
    ["image/upload", "png", "image/upload/c_limit,h_320,w_320", "png"],
    ["image/upload", "svg", "image/upload/c_limit,h_320,w_320", "png"],
    ["image/upload", "pdf", "image/upload/c_limit,h_320,w_320", "jpg"],
    ["video/upload", "mp4", "video/upload/so_0/c_limit,h_320,w_320", "jpg"],
    ["video/upload/f_mp4,w_160", "mp4", "video/upload/so_0/c_limit,h_320,w_320", "jpg"],
    ["image/upload/c_thumb,w_100", "webp", "image/upload/c_thumb,w_100", "webp"],
  ])("shows a picture of %s .%s that every browser knows", async (place, format, small, shown) => {
    const at = (what: string, ending: string) =>
      `https://res.cloudinary.com/demo/${what}/v1760000123/garden/watering-can.${ending}`;
    const [resource_type = ""] = place.split("/");
    await arrive(uploadBody({ resource_type, format, secure_url: at(place, format) }), here.origin);
    const { notifications } = await list();
    expect(notifications).toMatchObject([{ thumbnail: at(small, shown) }]);
  });

  it("leads with the name, what happened and the outcome in words", async () => {
    const said = [
      {
        body: uploadBody({
          public_id: "a/b/chair",
          display_name: "Garden chair",
          original_filename: "jug",
          format: "png",
        }),
        row: { name: "Garden chair", fileName: "jug.png", happened: "Uploaded", restricted: false },
      },
      {
        body: {
          notification_type: "rename",
          asset_id: hexId(7),
          from_public_id: "shop/table-nine",
          to_public_id: "shop/table-9",
          resource_type: "image",
          type: "upload",
          timestamp: "2026-01-31T12:00:00Z",
        },
        row: { name: "table-9", happened: "Renamed from table-nine" },
      },
      {
        body: {
          notification_type: "resource_tags_changed",
          resources: { "shop/cushion": { asset_id: hexId(8), added: ["outlet"], removed: ["new"] } },
          timestamp: "2026-01-31T12:00:01Z",
        },
        row: { happened: "Tags changed: + outlet, − new" },
      },
      {
        body: { notification_type: "brand_new_type", timestamp: "2026-01-31T12:00:02Z" },
        row: { name: null, happened: "Brand new type" },
      },
      {
        body: {
          notification_type: "error",
          public_id: "shop/broken",
          error: { message: "Invalid image file" },
          timestamp: "2026-01-31T12:00:03Z",
        },
        row: { name: "broken", happened: "Cloudinary reported an error" },
      },
    ];
    for (const { body, row } of said) {
      const id = await send(typeof body === "string" ? body : JSON.stringify(body));
      expect((await list()).notifications.find((one) => one.id === id)).toMatchObject(row);
    }
    await database.db.query(
      "update deliveries set state = 'dead', attempts = 8, last_error = 'SendGrid answered 401', settled_at = now() where handler = 'email'",
    );
    await database.db.query(
      "update deliveries set state = 'done', settled_at = now() where handler <> 'email'",
    );
    const { notifications } = await list();
    expect(notifications.map((row) => row.outcome?.title)).toContain("Products checked");
    const failed = notifications.find(({ deliveries }) =>
      deliveries.some(({ handler }) => handler === "email"),
    );
    expect(failed?.outcome).toMatchObject({
      state: "dead",
      handler: "email",
      title: "E-mail failed",
      reason: "SendGrid answered 401",
      detail: "SendGrid answered 401",
    });
  });

  it("counts the notifications of a time range for a histogram, with those that failed or are on hold", async () => {
    for (let n = 0; n < 6; n += 1) await arrive(uploadBody({ public_id: `p${n}` }), here.origin);
    await database.db.query(
      `update notifications set received_at = '2026-01-01T00:00:00Z'::timestamptz + interval '10 minutes' * substr(public_id, 2)::int`,
    );
    await database.db.query(
      `update deliveries d set state = case when n.public_id = 'p0' then 'dead' else 'held' end, settled_at = n.received_at
       from notifications n where n.id = d.notification_id and n.public_id in ('p0', 'p5')`,
    );
    const range = "since=2026-01-01T00:00:00Z&until=2026-01-01T01:00:00Z&bars=3";
    const counts = await (await ask(`/api/notifications/counts?${range}`)).json();
    expect(counts).toMatchObject({ count: 6, failed: 1, held: 1, complete: true });
    expect(counts).toMatchObject({
      bars: [
        { at: "2026-01-01T00:00:00.000Z", count: 2, failed: 1, held: 0 },
        { at: "2026-01-01T00:20:00.000Z", count: 2, failed: 0, held: 0 },
        { at: "2026-01-01T00:40:00.000Z", count: 2, failed: 0, held: 1 },
      ],
    });
    const filtered = await (await ask(`/api/notifications/counts?${range}&publicId=p5`)).json();
    expect(filtered).toMatchObject({ count: 1, failed: 0, held: 1 });
  });

  it("pages through each notification once while new ones arrive", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.unshift(await arrive(uploadBody({ public_id: `p${n}` }), here.origin));
    const one = await list("?limit=3");
    await arrive(uploadBody({ public_id: "late" }), here.origin);
    const two = await list(`?limit=3&before=${one.next}`);
    const three = await list(`?limit=3&before=${two.next}`);
    expect([one, two, three].flatMap(idsOf)).toEqual(ids);
    expect(three.next).toBeNull();
  });

  it("pages correctly through notifications of the same microsecond", async () => {
    for (let n = 0; n < 5; n += 1) await arrive(uploadBody({ public_id: `p${n}` }), here.origin);
    await database.db.query("update notifications set received_at = '2026-01-01T00:00:00.123456Z'");
    const one = await list("?limit=2");
    const two = await list(`?limit=2&before=${one.next}`);
    const three = await list(`?limit=2&before=${two.next}`);
    expect(new Set([one, two, three].flatMap(idsOf)).size).toBe(5);
  });

  it.each(["?limit=0", "?limit=1000", "?limit=x", "?state=broken", "?since=yesterday", "?before=2026-01-01"])(
    "rejects %s and says what is wrong",
    async (query) => {
      const response = await ask(`/api/notifications${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { reason: "invalid-request", hint: /\w+: / } });
    },
  );
});

describe("O4 search", () => {
  const assetId = hexId();
  const requestId = hexId();
  let wanted: string;

  beforeEach(async () => {
    wanted = await arrive(
      uploadBody({ public_id: "pond/100%_carp", asset_id: assetId, request_id: requestId }),
      here.origin,
    );
    await arrive(uploadBody({ public_id: "pond/100 carp" }), here.origin);
    await arrive(
      { ...uploadBody({ public_id: "garden/fork" }), notification_type: "eager", eager: [] },
      here.origin,
    );
  });

  it("by asset ID and by request ID", async () => {
    expect(idsOf(await list(`?assetId=${assetId}`))).toEqual([wanted]);
    expect(idsOf(await list(`?requestId=${requestId}`))).toEqual([wanted]);
    expect(idsOf(await list(`?requestId=${hexId()}`))).toEqual([]);
  });

  it("by type", async () => {
    expect((await list("?type=eager")).notifications.map(({ publicId }) => publicId)).toEqual([
      "garden/fork",
    ]);
  });

  it("by public ID prefix, with % and _ taken literally", async () => {
    expect((await list("?publicId=pond/")).notifications).toHaveLength(2);
    expect(idsOf(await list(`?publicId=${encodeURIComponent("pond/100%_")}`))).toEqual([wanted]);
    expect((await list("?publicId=carp")).notifications).toEqual([]);
  });

  it("finds a body that lists several assets by each of them, once", async () => {
    const ids = [hexId(), hexId()];
    const id = await arrive(
      {
        notification_type: "delete",
        timestamp: "2026-01-01T00:00:00Z",
        resources: ids.map((asset_id, n) => ({
          resource_type: "image",
          type: "upload",
          asset_id,
          public_id: `shed/${n}`,
        })),
      },
      here.origin,
    );
    for (const asset of ids) expect(idsOf(await list(`?assetId=${asset}`))).toEqual([id]);
    expect(idsOf(await list("?publicId=shed/"))).toEqual([id]);
  });

  it("by delivery state, with and without a handler", async () => {
    await database.db.query(
      "update deliveries set state = 'dead', settled_at = now() where notification_id = $1 and handler = 'pim'",
      [wanted],
    );
    expect(idsOf(await list("?state=dead"))).toEqual([wanted]);
    expect(idsOf(await list("?state=dead&handler=pim"))).toEqual([wanted]);
    expect(idsOf(await list("?state=dead&handler=moderation"))).toEqual([]);
  });

  it("by time", async () => {
    await database.db.query("update notifications set received_at = '2026-02-03T12:00:00Z' where id = $1", [
      wanted,
    ]);
    const between = (since: string, until: string) => list(`?since=${since}&until=${until}`).then(idsOf);
    expect(await between("2026-02-03T12:00:00Z", "2026-02-03T12:00:01Z")).toEqual([wanted]);
    expect(await between("2026-02-03T11:00:00Z", "2026-02-03T12:00:00Z")).toEqual([]);
  });

  it("by several filters at once", async () => {
    expect(idsOf(await list(`?type=upload&publicId=pond/&assetId=${assetId}&state=due`))).toEqual([wanted]);
    expect(idsOf(await list(`?type=eager&publicId=pond/`))).toEqual([]);
  });

  it("is exported as one JSON document with its filters and without bodies", async () => {
    const response = await ask("/api/notifications/export?publicId=pond/");
    expect(response.headers.get("content-disposition")).toContain("attachment");
    const document = (await response.json()) as {
      notifications: Record<string, unknown>[];
      complete: boolean;
    };
    expect(document).toMatchObject({ filters: { publicId: "pond/" }, complete: true });
    expect(document.notifications.map(({ publicId }) => publicId)).toEqual([
      "pond/100 carp",
      "pond/100%_carp",
    ]);
    expect(document.notifications[0]).not.toHaveProperty("body");
  });
});

describe("an edited body", () => {
  const emulator =
    "cloudinary://123456789012345:local-secret-of-enough-length@demo?upload_prefix=http://127.0.0.1:9999";
  const local = { OPERATOR_TOKEN: operatorToken, NETLIFY_DEV: "true", CLOUDINARY_URL: emulator };
  const onThisMachine = "http://localhost:8888";
  const body = JSON.stringify(uploadBody({ public_id: "edited/by-hand" }));
  const sendEdited = (origin: string) => ask("/api/send-edited", { body: { body }, origin });
  const isLocalStack = async (origin: string) =>
    ((await (await ask("/api/session", { origin })).json()) as { localStack: boolean }).localStack;

  it("is signed, recorded and due on the local stack", async () => {
    configured(database.url, local);
    expect(await isLocalStack(onThisMachine)).toBe(true);
    const response = await sendEdited(onThisMachine);
    expect(response.status).toBe(200);
    const { id } = (await response.json()) as { id: string };
    const [row] = (await list()).notifications;
    expect(row).toMatchObject({ id, publicId: "edited/by-hand", secretName: "CLOUDINARY_URL", timesSeen: 1 });
    expect(row?.deliveries.map(({ state }) => state)).toEqual(["due", "due"]);
    expect(await (await sendEdited(onThisMachine)).json()).toEqual({ id, type: "upload", timesSeen: 2 });
  });

  it("is recorded as unreadable if it is no JSON", async () => {
    configured(database.url, local);
    const response = await ask("/api/send-edited", { body: { body: "{ no" }, origin: onThisMachine });
    expect(await response.json()).toMatchObject({ type: "unreadable" });
  });

  it.each<[string, Record<string, string>, string]>([
    ["a deployed site", { CLOUDINARY_URL: emulator }, "https://hooks.example.com"],
    ["a deployed site that is asked as if on this machine", { CLOUDINARY_URL: emulator }, onThisMachine],
    ["a deployed site with the variable of netlify dev", local, "https://hooks.example.com"],
    ["netlify dev with an account", { NETLIFY_DEV: "true" }, onThisMachine],
    [
      "netlify dev with an account behind a proxy",
      {
        ...local,
        CLOUDINARY_URL: emulator.replace("http://127.0.0.1:9999", "https://127.0.0.1.example.com"),
      },
      onThisMachine,
    ],
  ])("is refused by %s, and nothing is recorded", async (_where, variables, origin) => {
    configured(database.url, { OPERATOR_TOKEN: operatorToken, ...variables });
    expect(await isLocalStack(origin)).toBe(false);
    const response = await sendEdited(origin);
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: { reason: "not-a-local-stack" } });
    expect((await list()).notifications).toEqual([]);
  });
});

it("exports more than one page", async () => {
  await database.db.query(
    "insert into notifications (identity, body_sha256, type, body) select n::text, '', 'upload', '{}' from generate_series(1, 1200) n",
  );
  const document = (await (await ask("/api/notifications/export")).json()) as {
    notifications: { id: string }[];
  };
  expect(new Set(document.notifications.map(({ id }) => id)).size).toBe(1_200);
});

describe("a notification", () => {
  interface Body {
    kind: string;
    shown: string;
    cut: boolean;
    masked: boolean;
    bytes: number;
  }
  const bodyOf = async (id: string) => (await (await ask(`/api/notifications/${id}/body`)).json()) as Body;
  const recorded = async (id: string) =>
    Buffer.from(await (await ask(`/api/notifications/${id}/body/recorded`)).arrayBuffer());

  it("O2 with a binary body is shown in hexadecimal and downloaded byte for byte", async () => {
    const bytes = Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x0a, 0x7f]);
    const id = await send(bytes);
    expect(await bodyOf(id)).toEqual({
      kind: "binary",
      shown: "00000000  ff fe 00 41 0a 7f                                ...A..",
      bytes: 6,
      cut: false,
      masked: false,
    });
    expect((await recorded(id)).equals(bytes)).toBe(true);
  });

  it("O2 of 4 MB is shown truncated and downloaded in full", async () => {
    const text = JSON.stringify(uploadBody({ context: { custom: { note: "é".repeat(2_000_000) } } }));
    const id = await send(text);
    const body = await bodyOf(id);
    expect(body).toMatchObject({ kind: "text", cut: true });
    expect(body.shown.length).toBe(262_144);
    expect((await recorded(id)).equals(Buffer.from(text))).toBe(true);
  });

  it("O3 is shown with signatures, tokens and e-mail addresses masked, still as valid JSON", async () => {
    const text = JSON.stringify(
      uploadBody({
        signature: "0123456789abcdef0123456789abcdef01234567",
        delete_token: "tok-secret-1",
        context: { custom: { author: "ada.lovelace@example.com" } },
        notification_context: { triggered_by: { source: "ui", id: "ada.lovelace@example.com" } },
      }),
    );
    const id = await send(text);
    const body = await bodyOf(id);
    expect(body).toMatchObject({ kind: "json", masked: true, cut: false });
    expect(JSON.parse(body.shown)).toMatchObject({ public_id: "garden/watering-can" });
    for (const secret of ["lovelace", "0123456789abcdef0123456789abcdef01234567", "tok-secret-1"]) {
      expect(text).toContain(secret);
      expect(body.shown).not.toContain(secret);
    }
    const story = await (await ask(`/api/notifications/${id}/story`)).text();
    expect(story).toContain("triggeredBy");
    expect(story).not.toContain("lovelace");
  });

  it("is masked before it is truncated, so that no part of a secret remains", async () => {
    const limit = 256 * 1_024;
    const head = '{"notification_type":"custom","filler":"';
    for (const visible of [1, 5, 12]) {
      const tail = '","delete_token":"';
      const filler = "x".repeat(limit - head.length - tail.length - visible);
      const { shown, cut } = await bodyOf(
        await send(`${head}${filler}${tail}Zx81-Zx81-Zx81-Zx81","more":"${"y".repeat(100)}"}`),
      );
      expect(cut).toBe(true);
      expect(shown).not.toContain("Zx");
    }
  });

  it("with a binary body is masked in the hexadecimal dump too", async () => {
    const { kind, shown } = await bodyOf(await send('\0 {"delete_token":"Zx81-Zx81"} '));
    expect(kind).toBe("binary");
    expect(shown).toContain("delete_t");
    expect(shown).not.toMatch(/Zx81|5a 78 38 31/);
  });

  it("masks a token in an ID, in the export and on the page", async () => {
    const id = await arrive(
      uploadBody({ public_id: "pond/x?token=Zx81-Zx81&by=ada.lovelace@example.com" }),
      here.origin,
    );
    for (const path of ["/api/notifications/export?publicId=pond/x", `/api/notifications/${id}/story`])
      expect(await (await ask(path)).text()).not.toMatch(/Zx81|lovelace/);
  });

  it("is downloaded as a file that browsers do not run", async () => {
    const id = await arrive(uploadBody(), here.origin);
    const { headers } = await ask(`/api/notifications/${id}/body/recorded`);
    expect(headers.get("content-type")).toBe("application/octet-stream");
    expect(headers.get("content-disposition")).toBe(`attachment; filename="notification-${id}.json"`);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toBe("sandbox");
  });

  it("shows the history of its asset, including itself", async () => {
    const asset_id = hexId();
    const first = await arrive(uploadBody({ asset_id }), here.origin);
    const second = await arrive(
      { ...uploadBody({ asset_id }), notification_type: "eager", eager: [] },
      here.origin,
    );
    await arrive(uploadBody(), here.origin);
    const story = (await (await ask(`/api/notifications/${first}/story`)).json()) as {
      asset: Row[];
      missing: string[];
    };
    expect(story.asset.map(({ id, type }) => [id, type])).toEqual([
      [second, "eager"],
      [first, "upload"],
    ]);
    expect(story.missing).toEqual([]);
  });

  it("F2 F3 shows the pictures of a sprite with their positions, and its links", async () => {
    const url = (name: string) => `https://res.cloudinary.com/demo/image/upload/v1/${name}.png`;
    const id = await arrive(
      {
        notification_type: "sprite",
        timestamp: "2026-01-01T00:00:00Z",
        public_id: "logos",
        secure_css_url: "https://res.cloudinary.com/demo/image/sprite/v1/logos.css",
        secure_image_url: "https://res.cloudinary.com/demo/image/sprite/v1/logos.png",
        secure_json_url: "https://res.cloudinary.com/demo/image/sprite/v1/logos.json",
        image_infos: {
          [url("a")]: { width: 10, height: 20, x: 0, y: 0 },
          [url("b")]: { width: 10, height: 20, x: 0, y: 20 },
        },
      },
      here.origin,
    );
    const { shown } = (await (await ask(`/api/notifications/${id}/story`)).json()) as {
      shown: { pictures: { url: string; label: string }[]; links: { label: string; url: string }[] };
    };
    expect(shown.links.map(({ label }) => label)).toEqual(["image", "css", "json"]);
    expect(shown.pictures.map(({ url: at, label }) => [at, label])).toEqual([
      ["https://res.cloudinary.com/demo/image/sprite/v1/logos.png", "logos"],
      [url("a"), "1 at 0, 0"],
      [url("b"), "2 at 0, 20"],
    ]);
  });

  it("returns 404 if it does not exist, and for an invalid ID", async () => {
    for (const rest of ["", "/story", "/body", "/body/recorded"]) {
      for (const [id, reason] of [
        ["00000000-0000-4000-8000-000000000000", "no-such-notification"],
        ["1", "no-such-id"],
      ]) {
        const answer = await ask(`/api/notifications/${id}${rest}`);
        expect(answer.status).toBe(404);
        expect(await answer.json()).toEqual({ error: { reason } });
      }
    }
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "//evil.example/x.png"])(
    "X7 shows no picture at %s",
    async (secure_url) => {
      const id = await arrive(uploadBody({ secure_url, url: secure_url }), here.origin);
      const story = (await (await ask(`/api/notifications/${id}/story`)).json()) as {
        shown: { pictures: unknown[] };
      };
      expect(story.shown.pictures).toEqual([]);
      expect((await list()).notifications[0]?.thumbnail).toBeNull();
    },
  );
});
