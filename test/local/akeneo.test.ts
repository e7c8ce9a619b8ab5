import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { localAkeneo } from "../../src/local/akeneo/local-akeneo.ts";
import { operations } from "../../src/local/akeneo/operations.ts";
import { localStack } from "./support/local-stack.ts";

// What Akeneo documents: https://api.akeneo.com/documentation/ (authentication, responses, update, good-practices).
const connection = { clientId: "4gm4rnoi", secret: "5dyvo1z6", username: "myERPuser", password: "64bngr78" };
const basic = `Basic ${Buffer.from("4gm4rnoi:5dyvo1z6").toString("base64")}`;
const granted = z.looseObject({ access_token: z.string(), refresh_token: z.string() });
const akeneo = localAkeneo(connection);
let stack: Awaited<ReturnType<typeof localStack>>;
let token: string;

beforeAll(async () => {
  stack = await localStack({ akeneo });
});
afterAll(() => stack.close());
beforeEach(async () => {
  const filled = await fetch(`${stack.url}/_control/akeneo`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      attributes: [
        { code: "name", localizable: true },
        { code: "url" },
        { code: "long", type: "pim_catalog_textarea" },
        { code: "print", scopable: true },
        { code: "material_url" },
      ],
      channels: { ecommerce: ["en_US", "fr_FR"] },
      familyVariants: { boots_color: ["material_url"] },
      products: [
        { identifier: "boots-4846", values: { name: [{ locale: "en_US", scope: null, data: "Mug" }] } },
        { identifier: "red", parent: "boots" },
      ],
      productModels: [{ code: "boots", family_variant: "boots_color" }],
    }),
  });
  expect(filled.status).toBe(204);
  const answer = await grant({ grant_type: "password", username: "myERPuser", password: "64bngr78" });
  token = granted.parse(await answer.json()).access_token;
});

function grant(body: object, headers: Record<string, string> = {}) {
  return fetch(`${stack.url}/api/oauth/v1/token`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: basic, ...headers },
    body: JSON.stringify(body),
  });
}

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${stack.url}/api/rest/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    location: answer.headers.get("location"),
    body: text === "" ? null : JSON.parse(text),
  };
}

const valuesOf = async (path: string) => (await call("GET", path)).body.values;
const plain = (data: string | null) => [{ locale: null, scope: null, data }];

it("names for each operation where Akeneo documents it", () => {
  for (const { name, source } of operations)
    expect(source).toBe(`https://api.akeneo.com/api-reference.html#${name}`);
});

it("grants a token for an hour, by JSON and by form, and refreshes it once", async () => {
  const form = await fetch(`${stack.url}/api/oauth/v1/token`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", authorization: basic },
    body: new URLSearchParams({ grant_type: "password", username: "myERPuser", password: "64bngr78" }),
  });
  const first = granted.parse(await form.json());
  expect(first).toEqual({
    access_token: expect.any(String),
    expires_in: 3_600,
    token_type: "bearer",
    scope: null,
    refresh_token: expect.any(String),
  });
  const refresh = { grant_type: "refresh_token", refresh_token: first.refresh_token };
  const refreshed = granted.parse(await (await grant(refresh)).json());
  expect(refreshed.access_token).not.toBe(first.access_token);
  expect((await grant(refresh)).status).toBe(422);
});

it.each([
  ["no client", { grant_type: "password", username: "myERPuser", password: "64bngr78" }, "client_id"],
  ["another password", { grant_type: "password", username: "myERPuser", password: "x" }, "No user found"],
  ["no password", { grant_type: "password", username: "myERPuser" }, "password"],
])("refuses a grant with %s (422)", async (what, body, words) => {
  const answer = await grant(body, what === "no client" ? { authorization: "Basic eDp5" } : {});
  expect(answer.status).toBe(422);
  expect(await answer.json()).toMatchObject({ code: 422, message: expect.stringContaining(words) });
});

it.each([
  [400, "PATCH", '{"identifier": "boots-4846" "values": {}}', {}, "Invalid json message received"],
  [401, "GET", undefined, { authorization: "" }, "Authentication is required"],
  [401, "GET", undefined, { authorization: "Bearer x" }, "The access token provided is invalid."],
  [406, "GET", undefined, { accept: "text/xml" }, "Only ‘application/json‘ is allowed"],
  [415, "PATCH", "{}", { "content-type": "text/plain" }, "Only ‘application/json’ is allowed"],
  [
    422,
    "PATCH",
    { identifier: "boots-4846", extra_property: 1 },
    {},
    'Property "extra_property" does not exist',
  ],
  [422, "PATCH", { identifier: "boots-4846", values: { url: "x" } }, {}, "values.url"],
  [
    422,
    "PATCH",
    { identifier: "boots-4846", values: { url: [{ scope: 5, locale: null, data: "" }] } },
    {},
    "scope",
  ],
  [422, "PATCH", { identifier: "boots-4846", values: { no: plain("x") } }, {}, "does not exist in your PIM"],
  [422, "PATCH", { values: {} }, {}, "identifier"],
] as const)("answers %i to %s with %j %j", async (status, method, body, headers, words) => {
  const answer = await call(method, "products/boots-4846", body, headers);
  expect(answer).toMatchObject({ status, body: { code: status, message: expect.stringContaining(words) } });
});

it("answers 404 with different messages for unknown products and unknown addresses", async () => {
  expect(await call("GET", "products/none")).toMatchObject({
    status: 404,
    body: { code: 404, message: 'Product "none" does not exist or you do not have permission to access it.' },
  });
  expect((await call("GET", "nothing")).body.message).toMatch(/^No route found/);
  expect((await call("GET", "attributes/url")).body).toMatchObject({ code: "url", localizable: false });
  expect((await call("GET", "attributes/none")).status).toBe(404);
});

it("merges values by attribute, locale and scope, and erases with null", async () => {
  const french = [{ locale: "fr_FR", scope: null, data: "Tasse" }];
  const update = { identifier: "boots-4846", values: { name: french, url: plain("https://a") } };
  const answer = await call("PATCH", "products/boots-4846", update);
  expect(answer).toMatchObject({ status: 204, body: null });
  expect(answer.location).toBe(`${stack.url}/api/rest/v1/products/boots-4846`);
  expect(await valuesOf("products/boots-4846")).toEqual({
    name: [{ locale: "en_US", scope: null, data: "Mug" }, ...french],
    url: plain("https://a"),
  });
  await call("PATCH", "products/boots-4846", { identifier: "boots-4846", values: { url: plain(null) } });
  expect(await valuesOf("products/boots-4846")).not.toHaveProperty("url");
});

it("creates unknown products (201), and renames by the identifier in the body", async () => {
  expect(await call("PATCH", "products/new", { identifier: "new" })).toMatchObject({ status: 201 });
  expect(await call("PATCH", "products/newer", { identifier: "other" })).toMatchObject({ status: 422 });
  expect(await call("PATCH", "products/NEW", { identifier: "renamed" })).toMatchObject({ status: 204 });
  expect(await call("GET", "products/new")).toMatchObject({ status: 404 });
  expect(await valuesOf("products/renamed")).toEqual([]);
});

it.each([
  [{ name: plain("x") }, "requires a locale"],
  [{ url: [{ locale: "en_US", scope: null, data: "x" }] }, "not localizable"],
  [{ print: plain("x") }, "requires a channel"],
  [{ print: [{ locale: null, scope: "mobile", data: "x" }] }, "mobile channel does not exist"],
  [{ name: [{ locale: "de_DE", scope: null, data: "x" }] }, "de_DE locale is not activated"],
  [{ url: plain("x".repeat(256)) }, "255 characters"],
] as const)("names the value that it does not accept: %j", async (values, words) => {
  const answer = await call("PATCH", "products/boots-4846", { identifier: "boots-4846", values });
  expect(answer).toMatchObject({
    status: 422,
    body: {
      message: "Validation failed.",
      errors: [
        { property: "values", attribute: Object.keys(values)[0], message: expect.stringContaining(words) },
      ],
    },
  });
});

it("a text area takes more than 255 characters", async () => {
  const values = { long: plain("x".repeat(2_000)) };
  expect(await call("PATCH", "products/boots-4846", { identifier: "boots-4846", values })).toMatchObject({
    status: 204,
  });
});

it("a product model keeps its code and family variant, and its variants show its values and cannot change them", async () => {
  const model = { code: "boots", family_variant: "boots_color" };
  const values = { material_url: plain("https://m") };
  expect(await call("PATCH", "product-models/boots", { ...model, values })).toMatchObject({ status: 204 });
  expect(await call("PATCH", "product-models/boots", { code: "boots", values })).toMatchObject({
    status: 422,
  });
  const changed = { ...model, family_variant: "other" };
  expect(await call("PATCH", "product-models/boots", changed)).toMatchObject({ status: 422 });
  expect(await valuesOf("products/red")).toEqual(values);
  const change = { identifier: "red", values: { material_url: plain("https://r") } };
  expect(await call("PATCH", "products/red", change)).toMatchObject({ status: 204 });
  expect(await valuesOf("products/red")).toEqual(values);
});

it("answers 429 with Retry-After to a fifth concurrent call", async () => {
  akeneo.faults.add({ kind: "hang", match: "/rest/", times: 4 });
  const leaving = new AbortController();
  const calls = Array.from({ length: 5 }, () =>
    fetch(`${stack.url}/api/rest/v1/products/red`, {
      headers: { authorization: `Bearer ${token}` },
      signal: leaving.signal,
    }),
  );
  const refused = await Promise.race(calls);
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "15"]);
  leaving.abort();
  await Promise.allSettled(calls);
});
