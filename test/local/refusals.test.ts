import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(8, 8, "red");
const dataUri = `data:image/png;base64,${picture.toString("base64")}`;

beforeAll(async () => {
  stack = await localStack({ rateLimit: 10_000 });
  await stack.rest("POST", "triggers", { uri: stack.hook.url, event_type: "all" });
  await stack.upload(picture, { public_id: "there", tags: "before" });
  await stack.api.add_metadata_field({ external_id: "made", label: "Made", type: "date" });
  await stack.api.add_metadata_field({
    external_id: "care",
    label: "Care",
    type: "set",
    datasource: { values: [{ external_id: "dry", value: "Dry" }] },
  });
  await stack.api.add_metadata_field({ external_id: "sku", label: "SKU", type: "string", mandatory: false });
  await stack.arrived();
});
afterAll(() => stack.close());

async function rest(method: string, path: string, body?: object) {
  const answer = await stack.rest(method, path, body);
  const text = await answer.text();
  // An answer that is not JSON is a failure of the emulator, as its 500 is.
  return { status: answer.status, body: JSON.parse(text) as { error?: { message: string } } };
}

const upload = (settings: object) => rest("POST", "image/upload", { file: dataUri, ...settings });
const search = (settings: object) => rest("POST", "resources/search", settings);

describe("an upload is rejected with 400, and stores nothing, for", () => {
  it.each<[string, object]>([
    ["context that is cut-off JSON", { context: '{"alt":' }],
    ["metadata that is cut-off JSON", { metadata: '{"sku":' }],
    ["a set that is cut-off JSON", { metadata: "care=[dry" }],
    ["a date that no calendar has", { metadata: "made=2024-02-30" }],
    ["a data URI with a broken percent sign", { file: "data:text/plain,%zz" }],
    ["a delivery type that does not exist", { type: "silly" }],
    ["a delivery type with a path", { type: "upload/x" }],
    ["a control character in the name", { public_id: "kept\u0000never" }],
    ["a start that is no instant", { access_control: '[{"access_type":"anonymous","start":"soon"}]' }],
  ])("%s", async (_, settings) => {
    const before = await search({ expression: "" });
    const { status, body } = await upload({ public_id: "kept-never", ...settings });
    expect(status, JSON.stringify(body)).toBe(400);
    expect(body.error?.message).not.toBe("");
    expect(await search({ expression: "" })).toEqual(before);
    expect(await stack.arrived()).toEqual([]);
  });
});

describe("a search is rejected with 400 for", () => {
  it.each<[string, object]>([
    ["parentheses without end", { expression: "(".repeat(20_000) }],
    ["negations without end", { expression: "NOT ".repeat(20_000) }],
    ["an order that is not JSON", { sort_by: "public_id" }],
    ["an order in cut-off JSON", { sort_by: '[{"public_id":"asc"}' }],
    ["a page of no size", { max_results: 0 }],
  ])("%s", async (_, settings) => {
    expect((await search(settings)).status).toBe(400);
  });

  it("nothing that a word may hold", async () => {
    await stack.upload(picture, { public_id: "a-b.c(d)" });
    for (const expression of ["-", "public_id:a-b.c*", 'public_id="a-b.c(d)"'])
      expect(await search({ expression }), expression).toMatchObject({ status: 200 });
    expect(await search({ expression: "public_id:a-b.c*" })).toMatchObject({ body: { total_count: 1 } });
  });

  it("no field named like an inherited property", async () => {
    for (const name of ["__defineGetter__", "constructor", "__proto__"])
      expect((await search({ fields: [name], max_results: 1 })).status, name).toBe(200);
  });
});

describe("with 501 and its own message,", () => {
  it.each<[string, object]>([
    [
      "a field that cannot be searched by, even when nothing is compared",
      { expression: "tags:none AND hue:1" },
    ],
    ["an order by such a field", { expression: "tags:none", sort_by: [{ hue: "asc" }] }],
  ])("%s", async (_, settings) => {
    expect(await search(settings)).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringContaining("hue") } },
    });
  });

  it.each([
    ["an effect", "image/upload/e_cartoonify/there.png"],
    ["a border", "image/upload/bo_5px_solid_red/there.png"],
    ["a named transformation", "image/upload/t_card/there.png"],
    ["a variable", "image/upload/$w_5/there.png"],
    ["a crop mode", "image/upload/c_fill_pad,w_4,h_4,g_auto/there.png"],
    ["a file format", "image/upload/there.xyz"],
    ["a picture of another site", "image/fetch/https://example.com/x.png"],
  ])("%s in a delivery URL", async (_, path) => {
    const answer = await fetch(`${stack.url}/local-test/${path}`);
    expect(answer.status).toBe(501);
    expect(await answer.text()).toMatch(/^Not emulated: /);
  });

  it.each<[string, object]>([
    ["an effect in an upload", { transformation: "e_cartoonify" }],
    ["a format of an upload", { format: "xyz" }],
    ["a source on the internet", { file: "https://example.com/x.png" }],
    ["a delivery type of pictures from elsewhere", { type: "fetch" }],
  ])("%s", async (_, settings) => {
    expect(await upload(settings)).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringMatching(/^Not emulated: /) } },
    });
  });

  it("an unknown version of the API", async () => {
    for (const path of ["/v1_2/local-test/ping", "/v2/local-test"])
      expect((await fetch(stack.url + path)).status, path).toBe(501);
  });

  it("an eager effect, as a failed entry next to successful ones", async () => {
    const { body } = await upload({ public_id: "eager", eager: "w_4|e_cartoonify" });
    expect(body).toMatchObject({
      eager: [{ width: 4 }, { status: "failed", reason: expect.stringMatching(/^Not emulated: /) }],
    });
    await stack.arrived();
  });
});

describe("a rejected change changes nothing and sends nothing:", () => {
  it.each<[string, string, object]>([
    ["update", "resources/image/upload/there", { tags: "after", metadata: "nowhere=1" }],
    [
      "update of the moderation",
      "resources/image/upload/there",
      { moderation_status: "approved", context: '{"a":' },
    ],
    ["explicit", "image/explicit", { public_id: "there", type: "upload", tags: "after", moderation: "nope" }],
  ])("%s", async (_, path, settings) => {
    await rest("POST", "image/explicit", { public_id: "there", type: "upload", moderation: "manual" });
    expect(await rest("POST", path, settings)).toMatchObject({ status: 400 });
    expect(await stack.api.resource("there")).toMatchObject({
      tags: ["before"],
      moderation: [{ kind: "manual", status: "pending" }],
    });
    expect(await stack.arrived()).toEqual([]);
  });

  it.each(["a?b", "/leading", "trailing/", "x".repeat(256)])("rename to %s", async (to_public_id) => {
    expect(await rest("POST", "image/rename", { from_public_id: "there", to_public_id })).toMatchObject({
      status: 400,
    });
  });

  it("rename to a delivery type that does not exist", async () => {
    const names = { from_public_id: "there", to_public_id: "there", to_type: "silly" };
    expect(await rest("POST", "image/rename", names)).toMatchObject({ status: 400 });
  });

  it("removing the value of a mandatory field", async () => {
    await upload({ public_id: "sold", metadata: "sku=7" });
    await stack.api.update_metadata_field("sku", { mandatory: true });
    const change = { public_ids: ["sold"], metadata: "sku=" };
    expect(await rest("POST", "image/metadata", change)).toMatchObject({ status: 400 });
    expect(await stack.api.resource("sold")).toMatchObject({ metadata: { sku: "7" } });
    await stack.api.update_metadata_field("sku", { mandatory: false });
    await stack.arrived();
  });

  it.each<[string, object]>([
    ["a validation that does not exist", { type: "string", validation: { type: "rhymes" } }],
    ["a length of a number", { type: "integer", validation: { type: "strlen", min: 1 } }],
    ["an order of texts", { type: "string", validation: { type: "greater_than", value: 1 } }],
  ])("a metadata field with %s", async (_, settings) => {
    const field = { external_id: "wrong", label: "Wrong", ...settings };
    expect(await rest("POST", "metadata_fields", field)).toMatchObject({ status: 400 });
  });

  it("the type of a metadata field", async () => {
    expect(await rest("PUT", "metadata_fields/sku", { type: "integer" })).toMatchObject({ status: 400 });
  });

  it("a duplicate trigger", async () => {
    const create = (uri: string) => rest("POST", "triggers", { uri, event_type: "rename" });
    await create("https://a.example/1");
    const { body } = await create("https://a.example/2");
    const { id } = body as unknown as { id: string };
    expect((await rest("PUT", `triggers/${id}`, { new_uri: "https://a.example/1" })).status).toBe(409);
  });

  it("moving a folder into itself, and folders without a name", async () => {
    await stack.api.create_folder("shop");
    expect(await rest("PUT", "folders/shop", { to_folder: "shop/vases" })).toMatchObject({ status: 400 });
    expect((await rest("POST", "folders/a//b")).status).toBe(400);
    expect((await rest("POST", "folders/%20")).status).toBe(400);
    expect(await rest("GET", "folders")).toMatchObject({ body: { folders: [{ path: "shop" }] } });
  });
});

it.each(["folders", "tags/image", "upload_presets", "resources/image", "resources/image/upload/there"])(
  "GET /%s refuses a page of no size",
  async (path) => {
    for (const size of ["abc", "0", "-1", "501", "1.5"])
      expect((await rest("GET", `${path}?max_results=${size}`)).status, size).toBe(400);
  },
);

it("restores an asset named like an inherited property", async () => {
  await upload({ public_id: "__proto__", backup: true });
  await stack.uploader.destroy("__proto__");
  const answer = await stack.rest("POST", "resources/image/upload/restore", { public_ids: ["__proto__"] });
  const entries = Object.entries((await answer.json()) as object);
  expect(entries).toMatchObject([["__proto__", { public_id: "__proto__" }]]);
});
