import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, plain } from "./support/pixels.ts";

let stack: LocalStack;
let assetId: string;

beforeAll(async () => {
  stack = await localStack();
  await stack.rest("POST", "triggers", { uri: stack.hook.url, event_type: "all" });
});
afterAll(() => stack.close());

beforeEach(async () => {
  stack.cloudinary.cloud.store.state.assets = [];
  const answer = await stack.upload(await plain(4, 4, "red"), {
    public_id: "one",
    tags: ["old"],
    context: { alt: "x" },
  });
  assetId = answer.asset_id;
  await stack.arrived();
});

const told = async () => (await stack.arrived()).map(({ json }) => json);
const name = () => ({ asset_id: assetId, public_id: "one", resource_type: "image", type: "upload" });

describe("rename", () => {
  it("renames the asset and sends both names, without to_type or public_id", async () => {
    const { version } = await stack.api.resource("one");
    const answer = await stack.uploader.rename("one", "folder/two");
    expect(answer).toMatchObject({ public_id: "folder/two", asset_id: assetId, version });
    await bytesOf(answer.secure_url);
    const [body] = await told();
    expect(body).toMatchObject({
      notification_type: "rename",
      timestamp: expect.any(String),
      request_id: expect.any(String),
      resource_type: "image",
      type: "upload",
      asset_id: assetId,
      from_public_id: "one",
      to_public_id: "folder/two",
    });
    expect(body).not.toHaveProperty("public_id");
    expect(body).not.toHaveProperty("to_type");
  });

  it("answers 404 for a missing source, and 400 for an existing target unless overwrite is set", async () => {
    await stack.upload(await plain(4, 4, "blue"), { public_id: "two" });
    await expect(stack.uploader.rename("nowhere", "x")).rejects.toMatchObject({ http_code: 404 });
    await expect(stack.uploader.rename("one", "two")).rejects.toMatchObject({
      http_code: 400,
      message: "to_public_id (two) already exists",
    });
    expect(await stack.api.resource("one")).toMatchObject({ asset_id: assetId });
    expect(await stack.uploader.rename("one", "two", { overwrite: true })).toMatchObject({
      asset_id: assetId,
    });
    expect((await stack.api.resources()).resources).toHaveLength(1);
  });
});

describe("delete", () => {
  it("of one asset sends a list of one, and reports not found the second time", async () => {
    expect(await stack.uploader.destroy("one")).toEqual({ result: "ok" });
    const [body] = await told();
    expect(body).toEqual({
      notification_type: "delete",
      resources: [{ ...name(), version: expect.any(Number), asset_folder: "", display_name: "one" }],
      notification_context: expect.anything(),
      signature_key: expect.anything(),
    });
    expect(await stack.uploader.destroy("one")).toEqual({ result: "not found" });
    expect(await told()).toEqual([]);
  });

  it("of several assets sends one notification", async () => {
    await stack.upload(await plain(4, 4, "blue"), { public_id: "two" });
    await stack.arrived();
    const answer = await stack.api.delete_resources(["one", "two", "three"]);
    expect(answer.deleted).toEqual({ one: "deleted", two: "deleted", three: "not_found" });
    const bodies = await told();
    expect(bodies).toHaveLength(1);
    expect(bodies[0]?.resources).toHaveLength(2);
  });
});

describe("labels", () => {
  it("tags: sends added and removed tags once, and nothing if nothing changed", async () => {
    await stack.uploader.add_tag("new", ["one"]);
    expect(await told()).toMatchObject([
      {
        notification_type: "resource_tags_changed",
        source: "api",
        resources: [{ ...name(), added: ["new"], removed: [] }],
      },
    ]);
    await stack.uploader.add_tag("new", ["one"]);
    expect(await told()).toEqual([]);
    await stack.uploader.remove_tag("old", ["one"]);
    expect(await told()).toMatchObject([{ resources: [{ added: [], removed: ["old"] }] }]);
    expect((await stack.api.resource("one")).tags).toEqual(["new"]);
  });

  it("context: an object keyed by public id", async () => {
    await stack.uploader.add_context("alt=y|more=a\\=b\\|c", ["one"]);
    expect(await told()).toMatchObject([
      {
        notification_type: "resource_context_changed",
        resources: { one: { ...name(), added: { more: "a=b|c" }, updated: { alt: "y" }, removed: [] } },
      },
    ]);
  });

  it("context: names of inherited properties are ordinary keys", async () => {
    await stack.uploader.add_context("constructor=1|__proto__=2", ["one"]);
    const [body] = await told();
    const added = JSON.stringify(body?.resources);
    expect(added).toContain('"added":{"constructor":"1","__proto__":"2"}');
  });

  it("structured metadata: previous and next values", async () => {
    await stack.api.add_metadata_field({ external_id: "sku", label: "SKU", type: "string" });
    const values = ["red", "blue"].map((value) => ({ external_id: value, value }));
    await stack.api.add_metadata_field({
      external_id: "colours",
      label: "Colours",
      type: "set",
      datasource: { values },
    });
    await stack.uploader.update_metadata('sku=SKU-7|colours=["red","blue"]', ["one"]);
    expect(await told()).toMatchObject([
      {
        notification_type: "resource_metadata_changed",
        resources: {
          one: { ...name(), previous_metadata: {}, new_metadata: { sku: "SKU-7", colours: ["red", "blue"] } },
        },
      },
    ]);
  });

  it("access, display name and folder, each with its own type", async () => {
    const changes = {
      access_control: [{ access_type: "token" as const }],
      display_name: "Vase",
      asset_folder: "shop",
    };
    await stack.api.update("one", changes);
    const bodies = await told();
    expect(bodies.map((body) => body.notification_type).sort()).toEqual([
      "access_control_changed",
      "move",
      "resource_display_name_changed",
    ]);
    expect(bodies.find((body) => body.notification_type === "access_control_changed")).toMatchObject({
      resources: [{ ...name(), previous_access_control: [], new_access_control: [{ access_type: "token" }] }],
    });
    expect(bodies.find((body) => body.notification_type === "move")).toMatchObject({
      resources: { one: { from_asset_folder: "", to_asset_folder: "shop" } },
    });
  });
});
