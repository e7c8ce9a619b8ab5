import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eraseParts } from "../../../src/handlers/erase-parts.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { pimAkeneo } from "../../../src/handlers/pim-akeneo/handler.ts";
import { forgetErasedUrls } from "../../../src/handlers/pim-akeneo/written-urls.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive, unhurried } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { site } from "../../support/site.ts";
import { assetBodies } from "../pim/bodies.ts";
import { play } from "../pim/play.ts";
import { connection, type OpenAkeneo, openAkeneo, value } from "./open-akeneo.ts";

const t = 1_750_000_000;
const uuid = "25566245-55c3-42ce-86d9-8610ac459fa8";
const other = "https://example.com/somebody-else.jpg";
const get = "get_products__code_";
const patch = "patch_products__code_";

let database: TestDatabase;
let akeneo: OpenAkeneo;
let named = 0;

beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  akeneo = await openAkeneo({
    attributes: [
      { code: "image_url", type: "pim_catalog_textarea" },
      { code: "back_url" },
      { code: "local_url", localizable: true, scopable: true },
      { code: "model_url" },
    ],
    channels: { ecommerce: ["en_US", "de_DE"], print: ["en_US"] },
    familyVariants: { clothing_color: ["model_url"] },
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await akeneo.close();
});

/** A SKU that Akeneo has as a product, and one asset of it. */
async function product({ sku = "", inAkeneo = {}, role = "main" } = {}) {
  named += 1;
  const name = sku || `AK-${named}`;
  const asset = assetBodies(`shelf/${named}`);
  const at = named;
  akeneo.state.catalogue.addProduct({ identifier: name, ...inAkeneo });
  await play(database.db, asset.upload(t, { context: { custom: { sku: name, role } } }));
  const url = (version = t) => `https://res.cloudinary.com/demo/image/upload/v${version}/shelf/${at}.jpg`;
  return { sku: name, asset, url };
}

const push: OpenAkeneo["push"] = (_db, sku, pushing) => akeneo.push(database.db, sku, pushing);
const pushed = (sku: string, pushing?: Parameters<typeof push>[2]) => push(database.db, sku, pushing);

describe("the grant", () => {
  it("is asked for once, by password, with client id and secret as Basic credentials", async () => {
    const first = await product();
    const second = await product();
    await pushed(first.sku);
    await pushed(second.sku);
    const { calls } = akeneo.state;
    expect(calls.filter(({ operation }) => operation === "post_token")).toMatchObject([
      { body: { grant_type: "password", username: connection.username, password: connection.password } },
    ]);
    expect(akeneo.values(second.sku)).toEqual({ image_url: value(second.url()) });
  });

  it("is client_credentials without a user, and a new one when the token has expired", async () => {
    const { sku } = await product();
    expect(await pushed(sku, { user: null })).toMatchObject({ kind: "done" });
    akeneo.tokens.expire();
    expect(await pushed(sku, { user: null })).toMatchObject({ kind: "done" });
    const grants = akeneo.state.calls.filter(({ operation }) => operation === "post_token");
    expect(grants.map(({ body }) => body)).toEqual([
      { grant_type: "client_credentials" },
      { grant_type: "client_credentials" },
    ]);
  });

  it.each([
    { what: "refreshed when it was rejected", refresh: false, grants: ["refresh_token"] },
    {
      what: "asked for anew when the refresh token has expired too",
      refresh: true,
      grants: ["refresh_token", "password"],
    },
  ])("is $what, and the call is made again", async ({ refresh, grants }) => {
    const { sku } = await product();
    await pushed(sku);
    akeneo.tokens.expire({ refresh });
    akeneo.operations();
    expect(await pushed(sku)).toMatchObject({ kind: "done" });
    const { calls } = akeneo.state;
    expect(calls.map(({ operation, status }) => [operation, status])).toEqual([
      [get, 401],
      ...grants.map((grant) => ["post_token", grant === grants.at(-1) ? 200 : 422]),
      [get, 200],
    ]);
    const bodies = calls.filter(({ operation }) => operation === "post_token").map(({ body }) => body);
    expect(bodies).toMatchObject(grants.map((grant_type) => ({ grant_type })));
  });

  it("is refreshed before it expires", async () => {
    const { sku } = await product();
    await pushed(sku);
    akeneo.operations();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_500_000 });
    await pushed(sku);
    expect(akeneo.operations()).toEqual(["post_token", get]);
  });

  it("is asked for once by twenty deliveries that need it at the same time", async () => {
    const products = await Promise.all(Array.from({ length: 20 }, () => product()));
    await pushed(products[0]?.sku ?? "");
    akeneo.tokens.expire();
    akeneo.operations();
    akeneo.faults.add({ kind: "delay", delayMs: 50, match: "/oauth/", times: 20 });
    await Promise.all(products.map(({ sku }) => pushed(sku)));
    expect(akeneo.operations().filter((operation) => operation === "post_token")).toHaveLength(1);
  });

  it("that Akeneo refuses pauses the connector, with its words and without the password", async () => {
    const { sku } = await product();
    const user = { name: connection.username, password: "not-the-password" };
    expect(await pushed(sku, { user })).toMatchObject({ kind: "wait" });
    const reason = await pauseReason();
    expect(reason).toContain("No user found for the given username and password");
    expect(reason).toContain("AKENEO_PASSWORD");
    expect(reason).not.toContain("not-the-password");
  });

  it("whose new token is rejected too pauses the connector", async () => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "status", status: 401, match: "GET", times: 2 });
    expect(await pushed(sku)).toMatchObject({ kind: "wait" });
    expect(await pauseReason()).toContain("just issued");
  });

  it.each([
    { answer: "503", fault: { kind: "status", status: 503 } },
    { answer: "a page", fault: { kind: "not-json" } },
    { answer: "nothing", fault: { kind: "reset" } },
    { answer: "no token", fault: { kind: "without", fields: ["access_token"] } },
  ] as const)("is asked for again later when the answer is $answer", async ({ fault }) => {
    const { sku } = await product();
    akeneo.faults.add({ ...fault, fields: "fields" in fault ? [...fault.fields] : [], match: "/oauth/" });
    expect(await pushed(sku)).toMatchObject({ kind: "retry" });
    expect(await pushed(sku, { attempt: 2 })).toMatchObject({ kind: "done" });
  });
});

describe("how often Akeneo is called", () => {
  it("four calls at a time, under twenty deliveries", async () => {
    const products = await Promise.all(Array.from({ length: 20 }, () => product()));
    akeneo.faults.add({ kind: "delay", delayMs: 20, match: "/rest/", times: 60 });
    const ends = await Promise.all(products.map(({ sku }) => pushed(sku)));
    expect(new Set(ends.map(({ kind }) => kind))).toEqual(new Set(["done"]));
    expect(akeneo.state.peak).toBe(4);
    for (const { sku, url } of products) expect(akeneo.values(sku)).toEqual({ image_url: value(url()) });
  });

  it("a delivery that waits for its turn ends at its deadline, and the others go on", async () => {
    const products = await Promise.all(Array.from({ length: 6 }, () => product()));
    await pushed(products[0]?.sku ?? "");
    akeneo.faults.add({ kind: "hang", match: "GET", times: 4 });
    const ending = new AbortController();
    const slow = products.slice(0, 4).map(({ sku }) => pushed(sku, { signal: ending.signal }));
    await expect.poll(() => akeneo.state.peak).toBe(4);
    const hurried = await pushed(products[4]?.sku ?? "", { signal: AbortSignal.timeout(100) });
    expect(hurried).toMatchObject({ kind: "retry", error: expect.stringContaining("TimeoutError") });
    const last = pushed(products[5]?.sku ?? "");
    ending.abort();
    for (const end of await Promise.all(slow)) expect(end).toMatchObject({ kind: "retry" });
    expect(await last).toMatchObject({ kind: "done" });
  });

  it("429: comes again after Retry-After, and until then no other delivery calls", async () => {
    const first = await product();
    const second = await product();
    await pushed(first.sku);
    akeneo.faults.add({ kind: "status", status: 429, headers: { "retry-after": "60" }, match: "GET" });
    expect(await pushed(first.sku)).toMatchObject({ kind: "retry", afterMs: 60_000 });
    akeneo.operations();
    const end = await pushed(second.sku);
    expect(end).toMatchObject({ kind: "retry", error: expect.stringContaining("429") });
    const { afterMs } = end.kind === "retry" ? end : {};
    expect(afterMs).toBeGreaterThan(20_000);
    expect(afterMs).toBeLessThanOrEqual(60_000);
    expect(akeneo.operations()).toEqual([]);
  });
});

describe("what is written", () => {
  it("is read before and after, and written only if it differs", async () => {
    const { sku, url } = await product({ inAkeneo: { values: { name: value("Vase") } } });
    expect(await pushed(sku)).toMatchObject({
      kind: "done",
      result: { resource: "product", written: ["image_url"], removed: [], left: [] },
    });
    const update = akeneo.state.calls.find(({ operation }) => operation === patch);
    expect(update).toMatchObject({ status: 204 });
    expect(update?.body).toEqual({ identifier: sku, values: { image_url: value(url()) } });
    expect(akeneo.operations()).toEqual(["post_token", get, patch, get]);
    expect(akeneo.values(sku)).toEqual({ name: value("Vase"), image_url: value(url()) });

    expect(await pushed(sku)).toMatchObject({ result: { written: [] } });
    expect(akeneo.operations()).toEqual([get]);
  });

  it("is the newest URL after an overwrite, also over what somebody else wrote", async () => {
    const { sku, asset, url } = await product({ inAkeneo: { values: { image_url: value(other) } } });
    await pushed(sku);
    expect(akeneo.values(sku)).toEqual({ image_url: value(url()) });
    await play(database.db, asset.upload(t + 9));
    await pushed(sku);
    expect(akeneo.values(sku)).toEqual({ image_url: value(url(t + 9)) });
  });

  it("goes by role, rendition and place", async () => {
    const { sku, asset, url } = await product();
    await play(database.db, asset.eager(t, ["c_fill,w_100"]));
    const second = assetBodies(`shelf/${sku}-b`);
    const custom = { sku, role: "gallery", position: "1" };
    await play(database.db, second.upload(t, { context: { custom } }));
    await pushed(sku, {
      akeneo: {
        attributes: [
          { attribute: "image_url", role: "main", rendition: "c_fill,w_100" },
          { attribute: "back_url", rendition: "original", nth: 2 },
          { attribute: "model_url", role: "swatch" },
        ],
      },
    });
    expect(akeneo.values(sku)).toEqual({
      image_url: value(url().replace("/upload/", "/upload/c_fill,w_100/")),
      back_url: value(`https://res.cloudinary.com/demo/image/upload/v${t}/shelf/${sku}-b.jpg`),
    });
  });

  it("goes to its locale and scope, and leaves the others", async () => {
    const german = { locale: "de_DE", scope: "ecommerce", data: other };
    const { sku, url } = await product({ inAkeneo: { values: { local_url: [german] } } });
    const slots = [
      { attribute: "local_url", locale: "en_US", scope: "ecommerce" },
      { attribute: "local_url", locale: "en_US", scope: "print" },
    ];
    const end = await pushed(sku, { akeneo: { attributes: slots } });
    expect(end).toMatchObject({
      result: { written: ["local_url (en_US, ecommerce)", "local_url (en_US, print)"] },
    });
    expect(akeneo.values(sku)?.local_url).toEqual([
      german,
      { locale: "en_US", scope: "ecommerce", data: url() },
      { locale: "en_US", scope: "print", data: url() },
    ]);
  });

  it("reaches a product model by its code, with the family variant that Akeneo named", async () => {
    const { sku, url } = await product({ sku: "MODEL-1" });
    akeneo.state.catalogue.removeProduct(sku);
    akeneo.state.catalogue.addProductModel({ code: sku, family_variant: "clothing_color" });
    const attributes = [{ attribute: "model_url" }];
    expect(await pushed(sku, { akeneo: { attributes } })).toMatchObject({
      kind: "done",
      result: { resource: "product-model" },
    });
    expect(akeneo.modelValues(sku)).toEqual({ model_url: value(url()) });
    const update = akeneo.state.calls.find(({ operation }) => operation === "patch_product_models__code_");
    expect(update?.body).toEqual({
      code: sku,
      family_variant: "clothing_color",
      values: { model_url: value(url()) },
    });
  });

  it("reaches a product by its UUID", async () => {
    const { url } = await product({ sku: uuid });
    akeneo.state.catalogue.removeProduct(uuid);
    akeneo.state.catalogue.addProduct({ uuid, identifier: null });
    const end = await pushed(uuid, { akeneo: { resources: ["product-uuid", "product"] } });
    expect(end).toMatchObject({ kind: "done", result: { resource: "product-uuid" } });
    expect(akeneo.state.catalogue.list().products).toMatchObject([{ values: { image_url: value(url()) } }]);
  });

  it.each(["Krüge/blau & groß", "50% off?#1", "a+b"])("reaches the product %s", async (sku) => {
    const { url } = await product({ sku });
    await pushed(sku);
    expect(akeneo.values(sku)).toEqual({ image_url: value(url()) });
  });

  it("does not rename a product that Akeneo writes in another case", async () => {
    const { sku, url } = await product({ sku: "case-1" });
    akeneo.state.catalogue.removeProduct(sku);
    akeneo.state.catalogue.addProduct({ identifier: "CASE-1" });
    await pushed(sku);
    expect(akeneo.values("CASE-1")).toEqual({ image_url: value(url()) });
  });

  it("is the newest state when the product changes while it is pushed", async () => {
    const { sku, asset, url } = await product();
    akeneo.meanwhile.set("PATCH", () => play(database.db, asset.upload(t + 5)));
    expect(await pushed(sku)).toMatchObject({ kind: "done" });
    expect(akeneo.values(sku)).toEqual({ image_url: value(url(t + 5)) });
  });
});

describe("a SKU that Akeneo does not have", () => {
  it("creates nothing, unless createMissing says so", async () => {
    const { sku, url } = await product();
    akeneo.state.catalogue.removeProduct(sku);
    expect(await pushed(sku)).toMatchObject({ kind: "skip", reason: "unknown-sku" });
    expect(akeneo.operations()).toEqual(["post_token", get, "get_product_models__code_"]);
    expect(await pushed(sku, { akeneo: { createMissing: true } })).toMatchObject({ kind: "done" });
    expect(akeneo.values(sku)).toEqual({ image_url: value(url()) });
  });

  it.each(["../product-models/x", "a/../../families/x", "."])("is not asked for as %s", async (sku) => {
    await product({ sku });
    expect(await pushed(sku)).toMatchObject({ kind: "skip", reason: "unknown-sku" });
    expect(akeneo.operations()).toEqual([]);
  });

  it("is not taken for the product whose accents differ, which Akeneo's database finds", async () => {
    const { sku } = await product({ sku: "CAFE-1" });
    akeneo.state.catalogue.removeProduct(sku);
    akeneo.state.catalogue.addProduct({ identifier: "CAFÉ-1" });
    expect(await pushed(sku)).toMatchObject({ kind: "skip", reason: "unknown-sku" });
    expect(akeneo.values("CAFÉ-1")).toEqual({});
  });
});

describe("files", () => {
  const attributes = [
    { attribute: "image_url" },
    { attribute: "back_url", file: "pdf" as const },
    { attribute: "model_url", file: "audio" as const },
  ];

  it("are written to the attributes for their kind, never as pictures, and removed", async () => {
    const { sku, url } = await product();
    const ofProduct = { context: { custom: { sku } } };
    const address = (kind: string, name: string) =>
      `https://res.cloudinary.com/demo/${kind}/upload/v${t}/${name}`;
    const [sheet, jingle] = [assetBodies("shelf/a datasheet"), assetBodies("shelf/jingle")];
    const pdf = address("image", "shelf/a%20datasheet.pdf");
    const mp3 = address("video", "shelf/jingle.mp3");
    await play(database.db, sheet.upload(t, { ...ofProduct, format: "pdf", pages: 2, secure_url: pdf }));
    await play(
      database.db,
      jingle.upload(t, {
        ...ofProduct,
        resource_type: "video",
        format: "mp3",
        is_audio: true,
        secure_url: mp3,
      }),
    );
    await pushed(sku, { akeneo: { attributes } });
    const image = { image_url: value(url()) };
    expect(akeneo.values(sku)).toEqual({ ...image, back_url: value(pdf), model_url: value(mp3) });

    await play(database.db, sheet.remove(t, t + 5));
    expect(await pushed(sku, { akeneo: { attributes } })).toMatchObject({
      result: { removed: ["back_url"] },
    });
    expect(akeneo.values(sku)).toEqual({ ...image, model_url: value(mp3) });
    await play(database.db, jingle.remove(t, t + 5));
    expect(await pushed(sku, { akeneo: { attributes } })).toMatchObject({
      result: { removed: ["model_url"] },
    });
    expect(akeneo.values(sku)).toEqual(image);
  });
});

describe("what is removed", () => {
  it("is a URL that this receiver wrote", async () => {
    const { sku, asset } = await product({ inAkeneo: { values: { name: value("Vase") } } });
    await pushed(sku);
    await play(database.db, asset.remove(t, t + 5));
    expect(await pushed(sku)).toMatchObject({ kind: "done", result: { removed: ["image_url"] } });
    expect(akeneo.values(sku)).toEqual({ name: value("Vase") });
    const update = akeneo.state.calls.findLast(({ operation }) => operation === patch);
    expect(update?.body).toMatchObject({
      values: { image_url: [{ locale: null, scope: null, data: null }] },
    });
    expect(await rows(asset.id)).toEqual([]);
  });

  it("is nothing that somebody else wrote, before or after", async () => {
    const { sku, asset } = await product();
    await play(database.db, asset.remove(t, t + 5));
    akeneo.state.catalogue.removeProduct(sku);
    akeneo.state.catalogue.addProduct({ identifier: sku, values: { image_url: value(other) } });
    expect(await pushed(sku)).toMatchObject({ kind: "done", result: { removed: [], left: ["image_url"] } });
    await play(database.db, asset.upload(t + 6));
    await pushed(sku);
    akeneo.state.catalogue.removeProduct(sku);
    akeneo.state.catalogue.addProduct({ identifier: sku, values: { image_url: value(`${other}?2`) } });
    await play(database.db, asset.remove(t + 6, t + 9));
    expect(await pushed(sku)).toMatchObject({ result: { left: ["image_url"] } });
    expect(akeneo.values(sku)).toEqual({ image_url: value(`${other}?2`) });
  });

  it("includes a URL whose answer was lost", async () => {
    const { sku, asset, url } = await product();
    akeneo.faults.add({ kind: "reset", when: "after-work", match: "PATCH" });
    expect(await pushed(sku)).toMatchObject({ kind: "retry" });
    expect(akeneo.values(sku)).toEqual({ image_url: value(url()) });
    akeneo.operations();
    expect(await pushed(sku, { attempt: 2 })).toMatchObject({ kind: "done", result: { written: [] } });
    expect(akeneo.operations()).toEqual([get]);
    await play(database.db, asset.remove(t, t + 5));
    await pushed(sku);
    expect(akeneo.values(sku)).toEqual({});
  });

  it("includes the URL before one that Akeneo refused", async () => {
    const { sku, asset } = await product();
    await pushed(sku);
    await play(database.db, asset.upload(t + 9));
    akeneo.faults.add({ kind: "status", status: 422, match: "PATCH" });
    expect(await pushed(sku)).toMatchObject({ kind: "give-up" });
    await play(database.db, asset.remove(t + 9, t + 20));
    await pushed(sku);
    expect(akeneo.values(sku)).toEqual({});
  });

  it("is known by the digests of the last URLs; those that were replaced an hour ago are deleted", async () => {
    const { sku, asset } = await product();
    await pushed(sku);
    await play(database.db, asset.upload(t + 1));
    akeneo.faults.add({ kind: "status", status: 422, match: "PATCH" });
    await pushed(sku);
    await play(database.db, asset.upload(t + 2));
    await pushed(sku);
    expect(await rows(asset.id)).toHaveLength(3);
    await database.db.query("update akeneo_urls set written_at = written_at - interval '61 minutes'");
    await play(database.db, asset.upload(t + 3));
    await pushed(sku);
    expect(await rows(asset.id)).toHaveLength(2); // The newest, and the one that it replaced.
  });

  it("includes the URL of an erased asset, of which nothing else is kept, and that not for long", async () => {
    const { sku, asset } = await product();
    await pushed(sku);
    const erased = { erasureId: crypto.randomUUID(), assetIds: [asset.id], publicIds: [], assetPrefix: "" };
    for (const part of eraseParts) await part(database.db, erased);
    expect(await rows(asset.id)).toEqual([]);
    expect(await pushed(sku)).toMatchObject({ kind: "done", result: { removed: ["image_url"] } });
    expect(akeneo.values(sku)).toEqual({});

    const second = await product();
    await pushed(second.sku);
    for (const part of eraseParts) await part(database.db, { ...erased, assetIds: [second.asset.id] });
    await forgetErasedUrls(database.db, 30);
    await database.db.query("update akeneo_urls set erased_at = erased_at - interval '29 days'");
    await forgetErasedUrls(database.db, 30);
    expect(
      (await database.db.query("select from akeneo_urls where erased_at is not null")).rows,
    ).toHaveLength(1);
    await database.db.query("update akeneo_urls set erased_at = erased_at - interval '2 days'");
    await forgetErasedUrls(database.db, 30);
    expect((await database.db.query("select from akeneo_urls where erased_at is not null")).rows).toEqual([]);
  });
});

describe("what Akeneo refuses", () => {
  it("422 is not tried again, and is shown with Akeneo's property and message", async () => {
    const { sku, asset } = await product();
    await play(database.db, asset.rename(`shelf/${"long-name/".repeat(25)}x`, t + 1));
    const end = await pushed(sku, { akeneo: { attributes: [{ attribute: "back_url" }] } });
    expect(end).toMatchObject({
      kind: "give-up",
      error: expect.stringContaining(
        "back_url: The back_url attribute must not contain more than 255 characters",
      ),
    });
    expect(await pushed(sku, { akeneo: { attributes: [{ attribute: "nonsense" }] } })).toMatchObject({
      kind: "give-up",
      error: expect.stringContaining("The nonsense attribute does not exist in your PIM"),
    });
  });

  it("is shown without e-mail addresses", async () => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "status", status: 422, match: "PATCH", body: "Ask ada@example.com" });
    expect(JSON.stringify(await pushed(sku))).toContain("Ask a…@example.com");
  });

  it.each([400, 403, 405, 413, 415])("%i is not tried again", async (status) => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "status", status, match: "PATCH", body: "Access forbidden." });
    expect(await pushed(sku)).toMatchObject({
      kind: "give-up",
      error: `Akeneo answered ${status} to PATCH products: Access forbidden.`,
    });
  });

  it.each([408, 409, 500, 502, 503, 504])("%i is tried again", async (status) => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "status", status, match: "PATCH" });
    expect(await pushed(sku)).toMatchObject({ kind: "retry" });
    expect(await pushed(sku, { attempt: 2 })).toMatchObject({ kind: "done" });
  });

  it("a product of more than eight million characters is not read to its end", async () => {
    const { sku } = await product({ inAkeneo: { values: { image_url: value("x".repeat(8_100_000)) } } });
    expect(await pushed(sku)).toMatchObject({
      kind: "give-up",
      error: expect.stringContaining("longer than 8000000 characters"),
    });
  });

  it.each(["GET", "PATCH"])("200 with a page to %s is no success", async (match) => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "not-json", match });
    expect(await pushed(sku)).toMatchObject({ kind: "retry", error: expect.stringContaining("200") });
  });

  it.each([
    { what: "an address that it does not have", body: 'No route found for "GET /x"' },
    { what: "a redirect", status: 302, body: "Found" },
  ])("$what is not an unknown product", async ({ status = 404, body }) => {
    const { sku } = await product();
    akeneo.faults.add({ kind: "status", status, body, match: "GET" });
    expect(await pushed(sku)).toMatchObject({ kind: "give-up", error: expect.stringContaining(body) });
  });

  it("no answer is tried again, at the delivery's deadline", async () => {
    const { sku } = await product();
    const deadline = new AbortController();
    akeneo.meanwhile.set("GET", () => {
      deadline.abort();
      return new Promise(() => {});
    });
    const end = await pushed(sku, { signal: deadline.signal });
    expect(end).toMatchObject({ kind: "retry", error: expect.stringContaining("did not answer") });
  });

  it.each([
    { what: "held by the product model", inAkeneo: { parent: "VARIANTS" }, attribute: "model_url" },
    { what: "that waits for an approval", inAkeneo: { proposalsOnly: true }, attribute: "image_url" },
  ])(
    "a value $what, which Akeneo accepts and does not write, is an error",
    async ({ inAkeneo, attribute }) => {
      akeneo.state.catalogue.addProductModel({ code: "VARIANTS", family_variant: "clothing_color" });
      const { sku } = await product({ inAkeneo });
      expect(await pushed(sku, { akeneo: { attributes: [{ attribute }] } })).toMatchObject({
        kind: "give-up",
        error: expect.stringContaining(`did not carry it out for ${attribute}`),
      });
      const onModels = { attributes: [{ attribute, on: "product-model" as const }] };
      expect(await pushed(sku, { akeneo: onModels })).toMatchObject({
        kind: "done",
        result: { written: [] },
      });
    },
  );

  it("a private address is not called unless allowed", async () => {
    const { sku } = await product();
    const url = akeneo.url.replace("http:", "https:");
    expect(await pushed(sku, { allowPrivate: false, url })).toMatchObject({
      kind: "give-up",
      error: expect.stringContaining("AKENEO_URL: 127.0.0.1 is not a public address"),
    });
    expect(akeneo.operations()).toEqual([]);
  });
});

it("a notification reaches Akeneo, and a delete takes its picture away again", async () => {
  configured(database.url);
  const here = await site();
  const sku = "FRONT-1";
  const asset = assetBodies(`products/${sku}/main`);
  akeneo.state.catalogue.addProduct({ identifier: sku });
  const work = () =>
    deliver({
      db: database.db,
      handlers: [pim(), akeneo.handler()],
      settings: { ...settings, pim: { ...settings.pim, connectors: ["pim:akeneo"] } },
      ...unhurried,
    });
  try {
    await arrive(asset.upload(t), here.origin);
    await work();
    const url = `https://res.cloudinary.com/demo/image/upload/v${t}/products/${sku}/main.jpg`;
    expect(akeneo.values(sku)).toEqual({ image_url: value(url) });
    await arrive(asset.remove(t, t + 5), here.origin);
    await work();
    expect(akeneo.values(sku)).toEqual({});
  } finally {
    vi.unstubAllEnvs();
    await here.close();
  }
});

describe("the configuration", () => {
  it("nothing is called when nothing is configured", async () => {
    const handler = pimAkeneo(null, settings.pim.akeneo);
    const body = assetBodies("x").upload(t);
    expect(await play(database.db, body, { handler, subject: "X" })).toEqual({
      kind: "skip",
      reason: "not-configured",
    });
  });

  it.each([
    { attributes: [], reason: "pim.akeneo.attributes is empty" },
    { attributes: [{ attribute: "a" }], resources: [], reason: "pim.akeneo.resources is empty" },
    {
      attributes: [
        { attribute: "a", locale: "en_US", nth: 1 },
        { attribute: "a", locale: "en_US", nth: 2 },
      ],
      reason: "pim.akeneo.attributes has a (en_US) twice",
    },
  ])("pauses the connector: $reason", async ({ reason, ...changed }) => {
    const { sku } = await product();
    expect(await pushed(sku, { akeneo: changed })).toMatchObject({ kind: "wait" });
    expect(await pauseReason()).toContain(reason);
    expect(akeneo.operations()).toEqual([]);
  });
});

/** Why the connector is paused; resumes it. */
async function pauseReason(): Promise<string> {
  const { rows } = await database.db.query<{ reason: string }>(
    "delete from paused_handlers where handler = 'pim:akeneo' returning reason",
  );
  return rows[0]?.reason ?? "";
}

async function rows(assetId: string) {
  return (await database.db.query("select from akeneo_urls where asset_id = $1", [assetId])).rows;
}
