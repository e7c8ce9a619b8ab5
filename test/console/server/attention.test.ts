import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { empty, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { testSecret } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { addToSearch, deliverAll, kill, sender } from "../page/scene.ts";
import { operatorToken } from "../tokens.ts";

const pictures = "https://res.cloudinary.com";

let database: TestDatabase;
let here: Site;
let scene: ReturnType<typeof sender>;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
  scene = sender(here.origin, pictures);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(async () => {
  configured(database.url, { OPERATOR_TOKEN: operatorToken });
  await empty(database.db, "notifications", "pim_asset", "pim_claim", "pim_rendition");
});
afterEach(() => vi.unstubAllEnvs());

async function json(path: string): Promise<unknown> {
  const response = await ask(path);
  expect(response.status).toBe(200);
  return await response.json();
}

describe("products", () => {
  it("F6 K1 are listed with their pictures; assets without a product are listed separately", async () => {
    await scene.send(scene.upload("products/A-1/main"));
    await scene.send(scene.eager("products/A-1/main", "c_fill,h_300,w_400"));
    await scene.send(scene.upload("elsewhere/photo"));
    await deliverAll(database.db);
    expect(await json("/api/products")).toMatchObject({
      products: [
        {
          sku: "A-1",
          images: 2,
          cover: { role: "main", small: expect.stringContaining("/demo/image/upload/") },
        },
      ],
      next: null,
    });
    expect(await json("/api/products?search=b-2")).toMatchObject({ products: [] });
    expect(await json("/api/product?sku=A-1")).toMatchObject({
      images: [
        {
          rendition: "c_fill,h_300,w_400",
          secureUrl: `${pictures}/demo/image/upload/c_fill,h_300,w_400/v1760000123/products/A-1/main.png`,
        },
        {
          rendition: "original",
          small: `${pictures}/demo/image/upload/c_limit,h_320,w_320/v1760000123/products/A-1/main.png`,
        },
      ],
    });
    expect(await json("/api/unmapped")).toMatchObject({
      assets: [{ publicId: "elsewhere/photo", reason: "no-sku" }],
    });
    expect((await ask("/api/product?sku=B-2")).status).toBe(404);
  });

  it("may have an SKU with a slash", async () => {
    await scene.send(scene.upload("x", { metadata: { sku: "A/1 & 2" } }));
    await deliverAll(database.db);
    expect(await json(`/api/product?sku=${encodeURIComponent("A/1 & 2")}`)).toMatchObject({ sku: "A/1 & 2" });
  });
});

describe("an e-mail", () => {
  interface Mail {
    id: string;
    notificationId: string;
    state: string;
  }
  const mails = async () => (await json("/api/mails")) as { mails: Mail[]; next: string | null };

  it("is listed with its state and rendered from the record", async () => {
    const id = await scene.send(scene.eager("garden/hose", "c_fill,w_10"));
    await deliverAll(database.db);
    const [mail] = (await mails()).mails;
    expect(mail).toMatchObject({
      notificationId: id,
      type: "eager",
      publicId: "garden/hose",
      state: "skipped",
    });
    expect(await json(`/api/mails/${mail?.id}`)).toMatchObject({
      subject: expect.stringContaining("garden/hose"),
      text: expect.stringContaining("garden/hose"),
    });
    const html = await ask(`/api/mails/${mail?.id}/html`);
    expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await html.text()).toContain("garden/hose");
  });

  it("O2 runs no script whatever it contains, and loads only pictures", async () => {
    await scene.send(scene.eager("<script>alert(1)</script>", "c_fill,w_10"));
    const [mail] = (await mails()).mails;
    const html = await ask(`/api/mails/${mail?.id}/html`);
    const policy = html.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/^sandbox allow-popups; default-src 'none';/);
    expect(policy).not.toContain("script-src");
    // Loading a picture from elsewhere would tell its host who reads which mail.
    expect(/img-src ([^;]*)/.exec(policy)?.[1]).toBe("data: https://*.cloudinary.com");
    expect(await html.text()).not.toContain("<script>alert");
  });

  it("is found by paging", async () => {
    for (let n = 0; n < 3; n += 1) await scene.send(scene.eager(`p${n}`, "c_fill,w_10"));
    const one = (await json("/api/mails?limit=2")) as { mails: Mail[]; next: string };
    const two = (await json(`/api/mails?limit=2&before=${one.next}`)) as { mails: Mail[]; next: null };
    expect(new Set([...one.mails, ...two.mails].map(({ id }) => id)).size).toBe(3);
    expect(two.next).toBeNull();
  });

  it("returns 404 if it does not exist", async () => {
    for (const rest of ["", "/html"])
      expect((await ask(`/api/mails/00000000-0000-4000-8000-000000000000${rest}`)).status).toBe(404);
  });
});

describe("each list has filters, and an export with the same rows", () => {
  const rowsOf = async (list: string, query: string, member: string) => {
    const shown = new Map(Object.entries((await json(`/api/${list}?${query}`)) as object)).get(member);
    return shown as object[];
  };
  const exported = async (list: string, query: string) => {
    const file = new Map(Object.entries((await json(`/api/exports/${list}?${query}`)) as object));
    const csv = await (await ask(`/api/exports/${list}?${query}&format=csv`)).text();
    const rows = file.get(list) as object[];
    expect(csv.trim().split("\r\n").length).toBe(rows.length === 0 ? 1 : rows.length + 1);
    return rows;
  };
  const ids = (rows: readonly object[]) =>
    rows.map((row) => new Map(Object.entries(row)).get("publicId") as string).sort();

  it("messages: by what their notifications name, by state, type and time", async () => {
    await scene.send(
      scene.upload("products/CHAIR-1/main", { display_name: "Garden chair", tags: ["summer"] }),
    );
    await scene.send(scene.eager("products/CHAIR-1/main", "c_fill,w_10"));
    await scene.send(scene.eager("pond/carp", "c_fill,w_10"));
    await deliverAll(database.db);
    await scene.send(scene.eager("pond/late", "c_fill,w_10"));
    await database.db.query(
      "update deliveries d set created_at = now() - interval '2 days' from notifications n where n.id = d.notification_id and n.public_id = 'pond/carp'",
    );
    await addToSearch(database.db);
    const cases: [query: string, found: string[]][] = [
      ["", ["pond/carp", "pond/late", "products/CHAIR-1/main"]],
      ["q=garden+CHAIR", ["products/CHAIR-1/main"]],
      ["q=tag:summer", ["products/CHAIR-1/main"]],
      ["q=sku:CHAIR", ["products/CHAIR-1/main"]],
      ["q=pond", ["pond/carp", "pond/late"]],
      ["q=pond&state=skipped", ["pond/carp"]],
      ["state=due", ["pond/late"]],
      ["type=upload", []],
      ["type=eager&since=24h", ["pond/late", "products/CHAIR-1/main"]],
      ["until=24h", ["pond/carp"]],
    ];
    for (const [query, found] of cases) {
      expect(ids(await rowsOf("mails", query, "mails")), query).toEqual(found);
      expect(ids(await exported("messages", query)), query).toEqual(found);
    }
    for (const wrong of ["q=stat:dead", "since=soon", "state=lost", "type=nothing"])
      for (const list of ["mails", "exports/messages"])
        expect((await ask(`/api/${list}?${wrong}`)).status, `${list} ${wrong}`).toBe(400);
  });

  it("the audit log: by operator, action, time, and by picture or reason", async () => {
    await database.db.query("truncate operator_acts");
    await database.db.query(
      `insert into operator_acts (who, act, handler, reason, detail, at) values
         ('ada', 'pause', 'pim', 'it moves 100 % of it', null, now() - interval '3 days'),
         ('grace', 'approve', null, null, '{"publicId": "guests/vase"}', now()),
         ('grace', 'resume', 'pim', 'moved', null, now())`,
    );
    const said = (rows: readonly object[]) =>
      rows.map((row) => new Map(Object.entries(row)).get("act") as string).sort();
    const cases: [query: string, found: string[]][] = [
      ["", ["approve", "pause", "resume"]],
      ["actor=grace", ["approve", "resume"]],
      ["act=pause", ["pause"]],
      ["since=24h", ["approve", "resume"]],
      ["until=24h&actor=grace", []],
      ["q=VASE", ["approve"]],
      ["q=move", ["pause", "resume"]],
      ["q=100+%25", ["pause"]],
      ["q=_", []],
    ];
    for (const [query, found] of cases) {
      expect(said(await rowsOf("acts", query, "acts")), query).toEqual(found);
      expect(said(await exported("log", query)), query).toEqual(found);
    }
    expect(await json("/api/acts/names")).toEqual({
      actors: ["ada", "grace"],
      acts: ["approve", "pause", "resume"],
    });
  });

  it("rejected requests: by reason and time, with counts of that time", async () => {
    await database.db.query("truncate refusals");
    await database.db.query(
      `insert into refusals (reason, hour, count, samples) values
         ('signature-mismatch', date_trunc('hour', now()), 2, '[]'),
         ('signature-mismatch', date_trunc('hour', now()) - interval '5 days', 7, '[]'),
         ('timestamp-missing', date_trunc('hour', now()) - interval '5 days', 1, '[]')`,
    );
    const counts = (rows: readonly object[]) =>
      rows.map((row) => {
        const { reason, count } = row as { reason: string; count: number };
        return `${reason} ${count}`;
      });
    const cases: [query: string, found: string[]][] = [
      ["", ["signature-mismatch 9", "timestamp-missing 1"]],
      ["since=24h", ["signature-mismatch 2"]],
      ["until=24h&reason=timestamp-missing", ["timestamp-missing 1"]],
    ];
    for (const [query, found] of cases) {
      expect(counts(await rowsOf("refusals", query, "refusals")).sort(), query).toEqual(found);
      expect(counts(await exported("refusals", query)).sort(), query).toEqual(found);
    }
  });

  it("assets without a product: by reason", async () => {
    await scene.send(scene.upload("elsewhere/photo"));
    await scene.send(scene.upload("elsewhere/both", { metadata: { sku: "A-1, B-2" } }));
    await deliverAll(database.db);
    expect(ids(await rowsOf("unmapped", "", "assets")).length).toBe(2);
    for (const [reason, found] of [
      ["no-sku", ["elsewhere/photo"]],
      ["sku-list", ["elsewhere/both"]],
      ["untrusted", []],
    ] as const) {
      expect(ids(await rowsOf("unmapped", `reason=${reason}`, "assets")), reason).toEqual(found);
      expect(ids(await exported("unmapped", `reason=${reason}`)), reason).toEqual(found);
    }
    expect((await ask("/api/unmapped?reason=other")).status).toBe(400);
  });

  it("people: by name and by whether they are recognised, page by page", async () => {
    await database.db.query(
      `insert into face_people (name, user_id)
       select name, case when name = 'Ben' then null else gen_random_uuid() end from unnest(array['Ann', 'Ben', 'Jörg Müller']) name`,
    );
    const names = (rows: readonly object[]) =>
      rows.map((row) => new Map(Object.entries(row)).get("name") as string);
    const cases: [query: string, found: string[]][] = [
      ["", ["Ann", "Ben", "Jörg Müller"]],
      [`q=${encodeURIComponent("JÖRG".normalize("NFD"))}`, ["Jörg Müller"]],
      ["trained=no", ["Ben"]],
      ["trained=yes&q=n", ["Ann"]],
    ];
    for (const [query, found] of cases) {
      expect(names(await rowsOf("faces", query, "people")), query).toEqual(found);
      expect(names(await exported("people", query)), query).toEqual(found);
    }
    const one = (await json("/api/faces?limit=2")) as { people: object[]; next: string };
    const two = (await json(`/api/faces?limit=2&after=${one.next}`)) as { people: object[]; next: null };
    expect(names([...one.people, ...two.people])).toEqual(["Ann", "Ben", "Jörg Müller"]);
    expect(two.next).toBeNull();
    await database.db.query("truncate face_people cascade");
  });

  it("people: their pictures are counted up to 100, and all of them in the export", async () => {
    await database.db.query(
      `with ann as (insert into face_people (name, user_id) values ('Ann', gen_random_uuid()) returning id)
       insert into face_tags (asset_id, person_id, tag, added_at)
       select 'asset-' || n, ann.id, 'Ann', case when n > 1 then now() end from ann, generate_series(1, 121) n`,
    );
    expect(await rowsOf("faces", "", "people")).toMatchObject([{ name: "Ann", pictures: 100 }]);
    expect(await exported("people", "")).toMatchObject([{ name: "Ann", pictures: 120 }]);
    await database.db.query("truncate face_people cascade");
  });
});

describe("F8 the moderation board", () => {
  it("shows pending and held decisions with a picture and the reason", async () => {
    await scene.send(scene.pending("community/ferry"));
    await scene.send({
      ...scene.named("moderation", "community/dunes", {
        moderation_kind: "manual",
        moderation_status: "approved",
        moderation_updated_at: "2026-01-01T00:00:00Z",
      }),
    });
    await deliverAll(database.db);
    expect(await json("/api/moderation?show=pending")).toMatchObject({
      cards: [
        {
          publicId: "community/ferry",
          kind: "manual",
          status: "pending",
          thumbnail: `${pictures}/demo/image/upload/c_limit,h_320,w_320/v1760000123/community/ferry.png`,
        },
      ],
    });
    expect(await json("/api/moderation?show=held")).toMatchObject({
      cards: [{ publicId: "community/dunes", heldFor: "no-account", status: "approved" }],
    });
    expect(await json("/api/moderation?show=decided")).toMatchObject({
      cards: [{ publicId: "community/dunes", status: "approved", carriedOutAt: null }],
    });
  });

  it("reports that no Cloudinary account is configured", async () => {
    configured(database.url, {
      OPERATOR_TOKEN: operatorToken,
      CLOUDINARY_URL: "",
      CLOUDINARY_WEBHOOK_SECRETS: "only:a-secret-of-enough-length",
    });
    const response = await ask("/api/moderation/decide", {
      body: { assetId: "x", version: 1, status: "approved" },
    });
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { reason: "no-account" } });
  });
});

describe("several product environments", () => {
  const campaignsSecret = "a-secret-of-campaigns-0123456789";
  const twoClouds = {
    OPERATOR_TOKEN: operatorToken,
    CLOUDINARY_WEBHOOK_SECRETS: `main:${testSecret}#demo campaigns:${campaignsSecret}#campaigns`,
  };
  const publicIds = async (path: string, list: string) =>
    ((await json(path)) as Record<string, { publicId: string }[]>)[list]?.map(({ publicId }) => publicId);

  it("are one in every list that they limit, in its export, and in the numbers beside the views", async () => {
    configured(database.url, twoClouds);
    await database.db.query("truncate operator_acts");
    const campaigns = sender(here.origin, pictures, campaignsSecret);
    for (const name of ["shop/a", "shop/b", "shop/c"]) await scene.send(scene.eager(name, "c_fill,w_10"));
    await campaigns.send(campaigns.eager("spring/banner", "c_fill,w_10"));
    await kill(database.db, ["email"], "SendGrid 401: no");
    await deliverAll(database.db);
    expect(await publicIds("/api/notifications?cloud=campaigns", "notifications")).toEqual(["spring/banner"]);
    expect(await publicIds("/api/notifications?cloud=demo&q=cloud:campaigns", "notifications")).toEqual([]);
    expect(await publicIds("/api/stuck?cloud=campaigns", "deliveries")).toEqual(["spring/banner"]);
    expect(await publicIds("/api/mails?cloud=campaigns", "mails")).toEqual(["spring/banner"]);
    expect(await json("/api/notifications/counts?cloud=campaigns&bars=1")).toMatchObject({
      count: 1,
      failed: 1,
    });
    expect(await publicIds("/api/exports/attention?cloud=campaigns", "attention")).toEqual(["spring/banner"]);
    expect(await json("/api/stuck/groups")).toMatchObject({
      groups: [
        {
          count: 4,
          types: ["eager"],
          clouds: [
            { cloud: "demo", count: 3 },
            { cloud: "campaigns", count: 1 },
          ],
        },
      ],
    });
    expect(await json("/api/counts")).toMatchObject({ dead: 4, clouds: ["campaigns", "demo"] });
    expect(await json("/api/counts?cloud=campaigns")).toMatchObject({ dead: 1, held: 0, pending: 0 });
    const replayed = await ask("/api/stuck/replay", {
      body: { state: "dead", handler: "email", cloud: "campaigns", reason: "new key" },
    });
    expect(await replayed.json()).toMatchObject({ replayed: 1, left: 0 });
    expect(await json("/api/counts")).toMatchObject({ dead: 3 });
    expect(await publicIds("/api/acts?cloud=campaigns", "acts")).toEqual(["spring/banner"]);
    expect(await publicIds("/api/acts?cloud=demo", "acts")).toEqual([]);
  });

  it("a single one is not offered", async () => {
    await scene.send(scene.upload("only/one"));
    expect(await json("/api/counts")).toMatchObject({ clouds: [] });
  });

  it("one that was last heard of long ago is found however many came since", async () => {
    configured(database.url, twoClouds);
    await database.db.query(
      `insert into notifications (identity, body_sha256, type, public_id, cloud, received_at, body)
       select 'i' || n, '', 'upload', 'p/' || n, case when n <= 60 then 'campaigns' else 'demo' end,
              now() - interval '1 day' + n * interval '1 second', ''
       from generate_series(1, 12000) n`,
    );
    const page = (await json("/api/notifications?cloud=campaigns&limit=40")) as { next: string };
    expect(page).toMatchObject({ notifications: { length: 40 }, searchedTo: null });
    const rest = await json(`/api/notifications?q=cloud:campaigns&limit=40&before=${page.next}`);
    expect(rest).toMatchObject({ notifications: { length: 20 }, searchedTo: null, next: null });
    const { rows } = await database.db.query<{ "QUERY PLAN": string }>(
      "explain select id from notifications where cloud = 'campaigns' order by received_at desc, id desc limit 40",
    );
    expect(rows.map((row) => row["QUERY PLAN"]).join()).toContain("notifications_cloud");
  });
});
