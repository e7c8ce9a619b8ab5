import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;

beforeAll(async () => {
  stack = await localStack({ rateLimit: 10_000 });
  const sizes = { "shop/red_vase": 4, "shop/blue_vase": 12, "press/red_jug": 8 };
  for (const [public_id, width] of Object.entries(sizes)) {
    await stack.upload(await plain(width, 4, "red"), {
      public_id,
      asset_folder: public_id.split("/")[0],
      tags: [public_id.includes("red") ? "red" : "blue", "all"],
      context: { stage: public_id.includes("vase") ? "new" : "in review" },
    });
  }
  // Uploaded three days before the others.
  const old = stack.cloudinary.cloud.store.state.assets.find((asset) => asset.public_id === "press/red_jug");
  if (old !== undefined) old.created_at = new Date(Date.now() - 3 * 86_400_000).toISOString();
});
afterAll(() => stack.close());

interface Found {
  total_count: number;
  next_cursor?: string;
  resources: Record<string, unknown>[];
}

async function search(query: object): Promise<{ status: number; body: Found }> {
  const answer = await stack.rest("POST", "resources/search", query);
  return { status: answer.status, body: (await answer.json()) as Found };
}

/** Public ids in their order. */
async function found(expression: string) {
  const { body } = await search({ expression, sort_by: [{ public_id: "asc" }] });
  return body.resources.map((one) => one.public_id);
}

describe("an expression", () => {
  it.each([
    ["", ["press/red_jug", "shop/blue_vase", "shop/red_vase"]],
    ["tags:red", ["press/red_jug", "shop/red_vase"]],
    ["tags:red AND folder:shop", ["shop/red_vase"]],
    ["tags:red folder:shop", ["shop/red_vase"]],
    ["tags=blue OR folder=press", ["press/red_jug", "shop/blue_vase"]],
    ["tags:red AND (folder:press OR width:12)", ["press/red_jug"]],
    ["tags:(red OR blue) AND NOT folder=shop", ["press/red_jug"]],
    ["tags:all AND -tags:red", ["shop/blue_vase"]],
    ["NOT (tags:red OR tags:blue)", []],
    ["public_id:shop/*", ["shop/blue_vase", "shop/red_vase"]],
    ["vase", ["shop/blue_vase", "shop/red_vase"]],
    ["width>4 AND width<=12", ["press/red_jug", "shop/blue_vase"]],
    ["width:[4 TO 8]", ["press/red_jug", "shop/red_vase"]],
    ["width:{4 TO 12}", ["press/red_jug"]],
    ["width:[* TO 4]", ["shop/red_vase"]],
    ["bytes<1mb", ["press/red_jug", "shop/blue_vase", "shop/red_vase"]],
    ["created_at>1d", ["shop/blue_vase", "shop/red_vase"]],
    ["created_at:[1w TO 1d]", ["press/red_jug"]],
    ['created_at<"2020-01-01T00:00:00Z"', []],
    ["created_at>2020-01-01T00:00:00Z tags:blue", ["shop/blue_vase"]],
    ['context.stage="in review"', ["press/red_jug"]],
    ["context.constructor:x", []],
  ])("%s", async (expression, expected) => {
    expect(await found(expression)).toEqual(expected);
  });

  it.each([
    "tags:",
    "(tags:red",
    "tags:red)",
    "AND",
    "tags:red OR",
    "width:[4 8]",
    "width>wide",
    'tags:"red',
  ])("%s is refused", async (expression) => {
    expect((await search({ expression })).status).toBe(400);
  });

  it("with a field that is not emulated is reported as such, not with an empty list", async () => {
    const { status, body } = await search({ expression: "face_count>2" });
    expect(status).toBe(501);
    expect(body).toMatchObject({
      error: { message: expect.stringMatching(/^Not emulated: .*face_count/) },
    });
  });
});

describe("results", () => {
  it("are sorted by the given fields, and paged", async () => {
    const query = { expression: "tags:all", sort_by: [{ width: "desc" }], max_results: 2 };
    const { body: first } = await search(query);
    expect(first.resources.map((one) => one.width)).toEqual([12, 8]);
    expect(first.total_count).toBe(3);
    const { body: second } = await search({ ...query, next_cursor: first.next_cursor });
    expect(second.resources.map((one) => one.width)).toEqual([4]);
    expect(second).not.toHaveProperty("next_cursor");
  });

  it("contain flat context and tags on request, and no moderation", async () => {
    const bare = await search({ expression: "width:12" });
    for (const key of ["context", "tags", "moderation"])
      expect(bare.body.resources[0]).not.toHaveProperty(key);
    const whole = await search({ expression: "width:12", with_field: ["context", "tags"] });
    expect(whole.body.resources).toMatchObject([{ context: { stage: "new" }, tags: ["all", "blue"] }]);
  });

  it("contain the basic and the requested fields", async () => {
    const { body } = await search({ expression: "width:12", fields: ["context"] });
    expect(Object.keys(body.resources[0] ?? {}).sort()).toEqual(
      "asset_id context created_at folder public_id resource_type status type".split(" "),
    );
  });
});
