import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "../../src/lib/notifications/parse.ts";
import { notificationTypes } from "../../src/lib/notifications/types.ts";
import { video } from "../../src/local/samples.ts";
import { type LocalStack, localStack } from "./support/local-stack.ts";
import { plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(8, 8, "red");
const dataUri = `data:image/png;base64,${picture.toString("base64")}`;
const seen = new Set<string>();

beforeAll(async () => {
  stack = await localStack({ rateLimit: 10_000 });
  await stack.rest("POST", "triggers", { uri: stack.hook.url, event_type: "all" });
});
afterAll(() => stack.close());

/** The bodies that came since the last call; each must be what the receiver's own schema for its type reads. */
async function told() {
  const arrivals = await stack.arrived();
  return arrivals.map(({ body, json }) => {
    seen.add(json.notification_type);
    expect(parse(Buffer.from(body), null), body).toMatchObject({ ok: true });
    return json;
  });
}

const types = async () => (await told()).map((one) => one.notification_type);

async function control(path: string, body: object): Promise<number> {
  const answer = await fetch(`${stack.url}/_control/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return answer.status;
}

describe("moderation", () => {
  it("of several kinds: the pending upload, each decision, then the summary", async () => {
    await stack.upload(picture, { public_id: "several", moderation: "webpurify|aws_rek|manual" });
    expect((await told()).map((one) => [one.notification_type, one.moderation_kind])).toEqual([
      ["upload", undefined],
      ["moderation", "webpurify"],
      ["moderation", "aws_rek"],
    ]);
    await stack.api.update("several", { moderation_status: "approved" });
    expect(await told()).toMatchObject([
      { notification_type: "moderation", moderation_kind: "manual", moderation_status: "approved" },
      { notification_type: "moderation_summary", moderation_status: "approved" },
    ]);
  });

  it("of an upload is pending in the upload's own notification, which comes first", async () => {
    await stack.upload(await video(), {
      public_id: "film",
      resource_type: "video",
      moderation: "google_video_moderation",
    });
    const [first, second] = await told();
    expect(first).toMatchObject({
      notification_type: "upload",
      moderation: [{ kind: "google_video_moderation", status: "pending" }],
    });
    expect(second).toMatchObject({ notification_type: "moderation", moderation_status: "approved" });
  });
});

describe("asynchronous failures", () => {
  it("are reported as an error: an asynchronous upload", async () => {
    const settings = { file: "data:image/png;base64,AAAA", public_id: "broken", async: true };
    const answer = await (await stack.rest("POST", "image/upload", settings)).json();
    expect(answer).toMatchObject({ status: "pending", public_id: "broken" });
    const { batch_id } = answer as { batch_id: string };
    expect(await told()).toMatchObject([
      {
        notification_type: "error",
        public_id: "broken",
        batch_id,
        error: { message: expect.stringContaining("Invalid image") },
      },
    ]);
  });

  it.each<[string, object]>([
    ["a transformation that does not exist", { transformation: "w_wide" }],
    ["a transformation that is not emulated", { transformation: "e_cartoonify" }],
    ["context that cannot be read", { context: '{"alt":' }],
    ["a delivery type that does not exist", { type: "silly" }],
    ["a source that is not there", { file: "http://127.0.0.1:1/nothing.png" }],
  ])("with %s", async (_, settings) => {
    const upload = { file: dataUri, public_id: "wrong", async: true, ...settings };
    expect(await (await stack.rest("POST", "image/upload", upload)).json()).toMatchObject({
      status: "pending",
    });
    expect(await told()).toMatchObject([{ notification_type: "error", public_id: "wrong" }]);
  });

  it("and an archive of a transformation that does not exist", async () => {
    await stack.upload(picture, { public_id: "packed" });
    await told();
    const archive = { public_ids: ["packed"], transformations: ["w_wide"], async: true };
    await stack.rest("POST", "image/generate_archive", archive);
    expect(await types()).toEqual(["error"]);
  });

  it("and an asynchronous archive", async () => {
    await stack.rest("POST", "image/generate_archive", { public_ids: ["never"], async: true });
    expect(await types()).toEqual(["error"]);
  });
});

describe("every type that a call causes", () => {
  it.each<[string, string[], () => Promise<unknown>]>([
    ["an upload that ends later", ["upload"], () => stack.upload(picture, { public_id: "a", async: true })],
    [
      "eager variants",
      ["eager"],
      () => stack.uploader.explicit("a", { type: "upload", eager: [{ width: 2 }], eager_async: true }),
    ],
    [
      "background removal",
      ["info"],
      () => stack.rest("POST", "image/explicit", { public_id: "a", background_removal: "cloudinary_ai" }),
    ],
    ["tags", ["resource_tags_changed"], () => stack.uploader.add_tag("t", ["a"])],
    ["context", ["resource_context_changed"], () => stack.uploader.add_context("k=v", ["a"])],
    [
      "metadata",
      ["resource_metadata_changed"],
      async () => {
        await stack.api.add_metadata_field({ external_id: "sku", label: "SKU", type: "string" });
        await stack.uploader.update_metadata("sku=1", ["a"]);
      },
    ],
    [
      "access, name and folder",
      ["access_control_changed", "resource_display_name_changed", "move"],
      () =>
        stack.api.update("a", {
          access_control: [{ access_type: "token" as const }],
          display_name: "A",
          asset_folder: "shop",
        }),
    ],
    ["a rename", ["rename"], () => stack.uploader.rename("a", "b")],
    ["a sprite", ["sprite"], () => stack.uploader.generate_sprite("t")],
    ["an animation", ["multi"], () => stack.uploader.multi("t")],
    ["exploding", ["explode"], () => stack.uploader.explode("b", { page: "all" })],
    ["an archive", ["generate_archive"], () => stack.uploader.create_archive({ tags: ["t"] })],
    [
      "publishing",
      ["upload", "publish"],
      async () => {
        await stack.upload(picture, { public_id: "closed", type: "authenticated" });
        await stack.rest("POST", "resources/image/publish_resources", { public_ids: ["closed"] });
      },
    ],
    [
      "restoring",
      ["upload", "delete", "restore_asset_version"],
      async () => {
        await stack.upload(picture, { public_id: "backed-up", backup: true });
        await stack.uploader.destroy("backed-up");
        await stack.api.restore(["backed-up"]);
      },
    ],
    [
      "folders",
      ["create_folder", "move_or_rename_asset_folder", "delete_folder"],
      async () => {
        await stack.api.create_folder("new");
        await stack.rest("PUT", "folders/new", { to_folder: "newer" });
        await stack.api.delete_folder("newer");
      },
    ],
    [
      "relating assets",
      ["related_assets"],
      () =>
        stack.rest("POST", "resources/related_assets/image/upload/b", {
          assets_to_relate: ["image/upload/closed"],
        }),
    ],
    [
      "a delete token",
      ["upload", "delete_by_token"],
      async () => {
        const settings = { file: dataUri, return_delete_token: true };
        const answer = await (await stack.rest("POST", "image/upload", settings)).json();
        const { delete_token: token } = answer as { delete_token: string };
        await stack.rest("POST", "delete_by_token", { token });
      },
    ],
  ])("%s", async (_what, expected, act) => {
    await told();
    await act();
    expect(await types()).toEqual(expected);
  });

  it("types that no call causes are sent on request", async () => {
    const bodies: Record<string, object> = {
      report: {},
      bulk_refresh_auto_fetch: {},
      invalidate_custom_cdn: {},
      proof_status_changed: { proof_id: "p", new_status: "approved" },
      analyze: { task_id: "t" },
    };
    for (const [type, body] of Object.entries(bodies))
      expect(await control("events", { type, body })).toBe(204);
    expect(await types()).toEqual(Object.keys(bodies));
  });

  it("every type that the receiver knows can be sent by the emulator", () => {
    expect(notificationTypes.filter((type) => type !== "all" && !seen.has(type))).toEqual([]);
  });
});

describe("injected faults", () => {
  const upload = () => stack.upload(picture, { public_id: "faulty" });

  it("lose, duplicate or delay a notification", async () => {
    await control("notification-faults", { kind: "drop", type: "upload" });
    await upload();
    expect(await types()).toEqual([]);
    await control("notification-faults", { kind: "duplicate" });
    await upload();
    const [first, second] = await told();
    expect(second).toEqual(first);
    await control("notification-faults", { kind: "delay", delayMs: 300, type: "upload" });
    const uploadedAt = performance.now();
    await upload();
    await stack.uploader.add_tag("late", ["faulty"]);
    // Which of them comes first depends on how fast the second call is.
    expect((await types()).sort()).toEqual(["resource_tags_changed", "upload"]);
    expect(performance.now() - uploadedAt).toBeGreaterThan(295);
  });

  it("sign one with a secret that is not the account's", async () => {
    await control("notification-faults", { kind: "tamper" });
    await upload();
    const [arrival] = await stack.arrived();
    const signature = stack.utils.webhook_signature(
      arrival?.body ?? "",
      Number(arrival?.headers["x-cld-timestamp"]),
    );
    expect(arrival?.headers["x-cld-signature"]).toHaveLength(40);
    expect(arrival?.headers["x-cld-signature"]).not.toBe(signature);
  });

  it("are rejected if invalid", async () => {
    expect(await control("notification-faults", { kind: "burn" })).toBe(400);
    expect(await control("settings", { folderMode: "none" })).toBe(400);
  });
});

it("a response to explicit contains moderation only if configured", async () => {
  await stack.upload(picture, { public_id: "asked", moderation: "manual" });
  const ask = () => stack.uploader.explicit("asked", { type: "upload" });
  expect(await ask()).toHaveProperty("moderation");
  await control("settings", { explicitTells: [] });
  expect(await ask()).not.toHaveProperty("moderation");
  await control("settings", { explicitTells: ["moderation", "access_control"] });
});
