import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { productPicture, video } from "../../src/local/samples.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, pixel } from "./support/pixels.ts";

let stack: LocalStack;
const clip = await video();
const picture = await productPicture();

beforeAll(async () => {
  stack = await localStack();
  await stack.rest("POST", "triggers", { uri: `${stack.hook.url}/global`, event_type: "all" });
});
afterAll(() => stack.close());

const bodies = async (type: string) =>
  (await stack.arrived()).map(({ json }) => json).filter((json) => json.notification_type === type);

describe("an add-on", () => {
  const googled = (settings: object) =>
    stack.upload(clip, {
      resource_type: "video",
      moderation: "google_video_moderation:possible",
      notification_url: `${stack.hook.url}/call`,
      ...settings,
    });

  it("decides later, and notifies the URL of the call in the captured form", async () => {
    const answer = await googled({ public_id: "ai/elephants" });
    expect(answer.moderation).toEqual([{ kind: "google_video_moderation", status: "pending" }]);
    const [uploaded, decided] = await stack.arrived();
    expect(uploaded?.json).toMatchObject({
      notification_type: "upload",
      moderation: [{ kind: "google_video_moderation", status: "pending" }],
    });
    expect(decided?.path).toBe("/call");
    expect(decided?.json).toEqual({
      notification_type: "moderation",
      moderation_response: { moderation_confidence: "POSSIBLE", frames: [] },
      moderation_status: "approved",
      moderation_kind: "google_video_moderation",
      moderation_updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      asset_id: answer.asset_id,
      public_id: "ai/elephants",
      uploaded_at: answer.created_at,
      version: answer.version,
      url: answer.url,
      secure_url: answer.secure_url,
      etag: answer.etag,
      notification_context: expect.anything(),
      signature_key: expect.anything(),
    });
  });

  it.each([
    ["the public id", { public_id: "ai/reject-me" }],
    ["a tag", { public_id: "ai/tagged", tags: ["moderation:reject"] }],
    ["a tag for its kind", { public_id: "ai/kind", tags: ["moderation:google_video_moderation:reject"] }],
  ])("rejects what %s says, and leaves an empty row that is not served", async (_, settings) => {
    const answer = await googled(settings);
    const [decided] = await bodies("moderation");
    expect(decided).toMatchObject({
      moderation_status: "rejected",
      moderation_response: {
        frames: [{ pornography_likelihood: "VERY_LIKELY", time_offset: expect.any(Number) }],
      },
      etag: null,
    });
    const row = await stack.api.resource(answer.public_id, { resource_type: "video" });
    expect(row).toMatchObject({ bytes: 0, placeholder: true });
    expect((await fetch(answer.secure_url)).status).toBe(404);
  });

  it("sends nothing while a tag keeps it pending", async () => {
    await googled({ public_id: "ai/undecided", tags: ["moderation:pending"] });
    expect(await bodies("moderation")).toEqual([]);
  });

  it("finds a duplicate by its bytes", async () => {
    await stack.upload(picture, { public_id: "original" });
    await stack.upload(picture, { public_id: "copy", moderation: "duplicate:0.8" });
    const [decided] = await bodies("moderation");
    expect(decided).toMatchObject({
      moderation_kind: "duplicate",
      moderation_status: "rejected",
      public_id: "copy",
    });
  });

  it("does not decide on a version that was replaced in the meantime", async () => {
    const other = await localStack({ delayMs: 60_000 });
    const file = `data:video/webm;base64,${clip.toString("base64")}`;
    const upload = {
      file,
      public_id: "ai/replaced",
      moderation: "perception_point",
      notification_url: other.hook.url,
    };
    await other.rest("POST", "video/upload", upload);
    other.cloudinary.cloud.delayMs = 600_000;
    await other.rest("POST", "video/upload", upload);
    await other.cloudinary.close();
    // When it starts again, the decision on the first version is due.
    const { dataDir } = other.cloudinary.cloud;
    const now = () => Date.now() + 120_000;
    const later = await localCloudinary({
      ...{ dataDir, cloudName, apiKey, apiSecret },
      ...{ baseUrl: other.url, now, retryDelaysMs: [] },
    });
    const due = () => later.cloud.store.state.jobs.map(({ job }) => job.kind);
    await expect.poll(due).toEqual(["moderate"]);
    const types = other.hook.take().map(({ json }) => json.notification_type);
    expect(new Set(types)).toEqual(new Set(["upload"]));
    await later.close();
    await other.close();
  });
});

describe("manual moderation", () => {
  it("waits for a person, whose decision is sent to the global trigger", async () => {
    const answer = await stack.upload(picture, {
      public_id: "by-hand",
      moderation: "manual",
      notification_url: `${stack.hook.url}/call`,
    });
    expect(await bodies("moderation")).toEqual([]);
    const pending = await stack.api.resources_by_moderation("manual", "pending");
    expect(pending.resources.map((one) => one.public_id)).toEqual(["by-hand"]);

    const approved = { moderation_status: "approved" as const };
    await stack.api.update("by-hand", approved);
    const [decided] = await stack.arrived();
    expect(decided?.path).toBe("/global");
    expect(decided?.json).toMatchObject({
      notification_type: "moderation",
      moderation_status: "approved",
      moderation_kind: "manual",
      asset_id: answer.asset_id,
    });
    expect(decided?.json).not.toHaveProperty("moderation_response");
    expect((await stack.api.resources_by_moderation("manual", "pending")).resources).toEqual([]);
  });

  it("can be decided again with the opposite result", async () => {
    const rejected = { moderation_status: "rejected" as const };
    await stack.api.update("by-hand", rejected);
    expect((await stack.api.resources_by_moderation("manual", "rejected")).resources).toHaveLength(1);
  });

  it("rejects other statuses, and assets that are not under moderation", async () => {
    const pending = { moderation_status: "pending" as const };
    await expect(stack.api.update("by-hand", pending)).rejects.toMatchObject({ error: { http_code: 400 } });
    const approved = { moderation_status: "approved" as const };
    await expect(stack.api.update("original", approved)).rejects.toMatchObject({ error: { http_code: 400 } });
  });
});

describe("several kinds", () => {
  it("run in order, and a summary follows the last decision", async () => {
    await stack.arrived();
    const answer = await stack.upload(picture, {
      public_id: "chain",
      moderation: "webpurify|aws_rek|manual",
    });
    expect(answer.moderation).toMatchObject([
      { status: "pending" },
      { status: "queued" },
      { status: "queued" },
    ]);
    const decided = await bodies("moderation");
    expect(decided.map((one) => one.moderation_kind)).toEqual(["webpurify", "aws_rek"]);
    const approved = { moderation_status: "approved" as const };
    await stack.api.update("chain", approved);
    const types = (await stack.arrived()).map(({ json }) => [json.notification_type, json.moderation_status]);
    expect(types).toEqual([
      ["moderation", "approved"],
      ["moderation_summary", "approved"],
    ]);
  });

  it("end with the first rejection", async () => {
    await stack.upload(picture, {
      public_id: "cut",
      moderation: "webpurify|manual",
      tags: ["moderation:webpurify:reject"],
    });
    await stack.arrived();
    const row = await stack.api.resource("cut");
    expect(row.moderation).toMatchObject([{ status: "rejected" }, { status: "aborted" }]);
  });
});

it("F10: removes the background, waits for a person, and publishes by rename", async () => {
  const answer = await stack.upload(picture, {
    public_id: "yellow-shoes",
    type: "authenticated",
    background_removal: "cloudinary_ai",
    notification_url: `${stack.hook.url}/info`,
  });
  const [, info] = await stack.arrived();
  expect(info?.path).toBe("/info");
  expect(info?.json).toMatchObject({
    notification_type: "info",
    info_kind: "cloudinary_ai",
    info_status: "complete",
    asset_id: answer.asset_id,
    version: answer.version,
    secure_url: answer.secure_url,
    info_data: {
      cloudinary_ai_hints: [],
      cloudinary_ai_fine_edges: false,
      confidence_score: expect.any(Number),
    },
  });
  expect(info?.json).not.toHaveProperty("timestamp");
  expect(info?.json).not.toHaveProperty("resource_type");
  expect(info?.json.etag).not.toBe(answer.etag);
  const [, , , alpha] = await pixel(await bytesOf(answer.secure_url), 2, 2);
  expect(alpha).toBe(0);

  await stack.uploader.explicit("yellow-shoes", { type: "authenticated", moderation: "manual" });
  const approved = { type: "authenticated", moderation_status: "approved" as const };
  await stack.api.update("yellow-shoes", approved);
  const to = { type: "authenticated" as const, to_type: "upload" as const, overwrite: true };
  const moved = await stack.uploader.rename("yellow-shoes", "bg-removed/yellow-shoes", to);
  expect(moved).toMatchObject({
    public_id: "bg-removed/yellow-shoes",
    type: "upload",
    asset_id: answer.asset_id,
  });
  expect(moved.secure_url).not.toContain("s--");
  await bytesOf(moved.secure_url);
  expect((await fetch(answer.secure_url)).status).toBe(404);
});
