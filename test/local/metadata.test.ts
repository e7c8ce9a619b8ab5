import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(4, 4, "red");

beforeAll(async () => {
  stack = await localStack({ rateLimit: 10_000 });
});
afterAll(() => stack.close());

async function field(definition: object) {
  const answer = await stack.rest("POST", "metadata_fields", definition);
  return { status: answer.status, body: await answer.json() };
}

const colours = { values: ["red", "green", "blue"].map((value) => ({ external_id: value[0], value })) };

describe("the definition of a field", () => {
  it("is shown with every key, and rejected a second time, even after it was deleted", async () => {
    const { body } = await field({ external_id: "sku", label: "SKU", type: "string" });
    expect(body).toMatchObject({ mandatory: false, default_value: null, validation: null });
    expect(await field({ external_id: "sku", label: "Other", type: "string" })).toMatchObject({
      status: 400,
      body: { error: { message: "external id sku already exists" } },
    });
    await stack.rest("DELETE", "metadata_fields/sku");
    expect((await field({ external_id: "sku", label: "SKU", type: "string" })).status).toBe(400);
  });

  it.each([
    { type: "integer", default_value: 6, validation: { type: "less_than", equals: true, value: 5 } },
    { type: "date", default_value: "soon" },
    { type: "enum", default_value: "x", datasource: colours },
    { type: "string", default_value: "abc", validation: { type: "strlen", min: 4 } },
  ])("refuses a default that does not suit it: %o", async (definition) => {
    expect(await field({ external_id: `bad_${definition.type}`, label: "Bad", ...definition })).toMatchObject(
      {
        status: 400,
        body: { error: { message: "default_value is invalid" } },
      },
    );
  });

  it("has a datasource whose entries are deleted, restored and ordered", async () => {
    await field({ external_id: "colour", label: "Colour", type: "enum", datasource: colours });
    const entries = async (answer: Response) =>
      ((await answer.json()) as { values: { value: string }[] }).values.map((one) => one.value);
    const path = "metadata_fields/colour/datasource";
    expect(await entries(await stack.rest("DELETE", path, { external_ids: ["g"] }))).toEqual(["red", "blue"]);
    const restored = await stack.rest("POST", `${path}_restore`, { external_ids: ["g"] });
    expect(await entries(restored)).toEqual(["red", "green", "blue"]);
    const ordered = await stack.rest("POST", `${path}/order`, { order_by: "value", direction: "asc" });
    expect(await entries(ordered)).toEqual(["blue", "green", "red"]);
  });
});

describe("values", () => {
  it("are typed, and checked against the definition", async () => {
    await field({ external_id: "stock", label: "Stock", type: "integer" });
    const answer = await stack.upload(picture, { metadata: "stock=12" });
    expect(answer.metadata).toMatchObject({ stock: 12 });
    await expect(stack.upload(picture, { metadata: "stock=many" })).rejects.toMatchObject({ http_code: 400 });
    await expect(stack.upload(picture, { metadata: "colour=x" })).rejects.toMatchObject({ http_code: 400 });
    await expect(stack.upload(picture, { metadata: "unknown=1" })).rejects.toMatchObject({ http_code: 400 });
  });

  it("get the default value on assets that are uploaded afterwards", async () => {
    const before = await stack.upload(picture, {});
    await field({ external_id: "unit", label: "Unit", type: "string", default_value: "piece" });
    expect((await stack.upload(picture, {})).metadata).toMatchObject({ unit: "piece" });
    expect((await stack.upload(picture, { metadata: "unit=box" })).metadata).toMatchObject({ unit: "box" });
    expect(await stack.api.resource(before.public_id)).not.toHaveProperty("metadata.unit");
  });

  it("are required if the field is mandatory", async () => {
    await field({
      external_id: "owner",
      label: "Owner",
      type: "string",
      mandatory: true,
      default_value: "me",
    });
    await expect(stack.upload(picture, { metadata: "owner=" })).rejects.toMatchObject({ http_code: 400 });
    expect((await stack.upload(picture, {})).metadata).toMatchObject({ owner: "me" });
  });
});
