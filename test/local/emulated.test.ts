import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calls } from "../../src/local/cloudinary/calls.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(20, 10, "red");
const dataUri = `data:image/png;base64,${picture.toString("base64")}`;

beforeAll(async () => {
  stack = await localStack({ rateLimit: 10_000 });
});
afterAll(() => stack.close());

async function rest(method: string, path: string, body?: object) {
  const answer = await stack.rest(method, path, body);
  return { status: answer.status, body: await answer.json() };
}

/** A file under its own name, as a form sends it. */
async function uploadFile(name: string, settings: Record<string, string>) {
  const form = new FormData();
  for (const [key, value] of Object.entries(settings)) form.set(key, value);
  form.set("file", new File([new Uint8Array(picture)], name));
  const answer = await fetch(`${stack.url}/v1_1/${cloudName}/image/upload`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}` },
    body: form,
  });
  return (await answer.json()) as { public_id: string; original_filename: string };
}

describe("what is not emulated", () => {
  it.each([
    ["GET", "transformations"],
    ["POST", "image/text"],
    ["GET", "upload_mappings"],
    ["POST", "resources/visual_search"],
    ["PATCH", "resources"],
  ])("%s /%s is answered 501, in words of its own", async (method, path) => {
    expect(await rest(method, path, method === "GET" ? undefined : {})).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringMatching(/^Not emulated: /) } },
    });
  });

  it.each([
    ["quality_analysis", true],
    ["eval", "upload_options['tags'] = 'x'"],
    ["ocr", "adv_ocr"],
    ["detection", "coco_v2"],
    ["a_parameter_of_tomorrow", 1],
  ])("an upload with %s is answered 501 and keeps nothing", async (name, value) => {
    const settings = { file: dataUri, public_id: "refused", [name]: value };
    expect(await rest("POST", "image/upload", settings)).toMatchObject({
      status: 501,
      body: { error: { message: expect.stringContaining(name) } },
    });
    expect((await rest("GET", "resources/image/upload/refused")).status).toBe(404);
  });

  it("a parameter that is off changes nothing", async () => {
    const settings = { file: dataUri, quality_analysis: false };
    expect((await rest("POST", "image/upload", settings)).status).toBe(200);
  });

  it("the README lists every emulated call", async () => {
    const readme = await readFile(new URL("../../src/local/README.md", import.meta.url), "utf8");
    for (const { route } of calls) expect(readme).toContain(`\`${route}\``);
  });
});

describe("uploads", () => {
  it("return the signature of public id and version", async () => {
    const { public_id, version, signature } = await stack.upload(picture, {});
    expect(signature).toBe(stack.utils.api_sign_request({ public_id, version }, apiSecret));
  });

  it.each([
    ["raw_convert", "illegal", "Raw convert is invalid"],
    ["detection", "illegal", "Detection invalid model 'illegal'"],
    ["background_removal", "illegal", "is invalid"],
    ["categorization", "illegal", "is invalid"],
  ])("refuse the add-on %s=%s as the API does, and so do updates", async (name, value, message) => {
    await expect(stack.upload(picture, { [name]: value })).rejects.toMatchObject({
      http_code: 400,
      message: expect.stringContaining(message),
    });
    const { public_id } = await stack.upload(picture, {});
    await expect(stack.api.update(public_id, { [name]: value })).rejects.toMatchObject({
      error: { http_code: 400, message: expect.stringContaining("Illegal value") },
    });
  });

  it("accept only the allowed formats of the call or the preset, unless they are converted", async () => {
    await expect(stack.upload(picture, { allowed_formats: ["jpg"] })).rejects.toMatchObject({
      http_code: 400,
    });
    expect(await stack.upload(picture, { allowed_formats: ["jpg"], format: "jpg" })).toMatchObject({
      format: "jpg",
    });
    await stack.api.create_upload_preset({ name: "only-jpg", allowed_formats: "jpg,webp" });
    await expect(stack.upload(picture, { upload_preset: "only-jpg" })).rejects.toMatchObject({
      http_code: 400,
    });
  });

  it("are named after the file, without its folders, in any script", async () => {
    const named = { use_filename: "true", unique_filename: "false" };
    expect((await uploadFile("shop/2026/vase.png", named)).public_id).toBe("vase");
    expect((await uploadFile("花瓶 été.png", named)).public_id).toBe("花瓶_été");
    expect((await uploadFile("a/b.png", {})).original_filename).toBe("b");
    expect(await stack.upload(picture, {})).not.toHaveProperty("original_filename");
  });

  it("of empty files are rejected", async () => {
    const empty = { file: "data:application/octet-stream;base64," };
    for (const type of ["raw", "image"])
      expect(await rest("POST", `${type}/upload`, empty)).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringMatching(/empty/i) } },
      });
  });

  it("keep the format of an eager transformation, in the response and with the asset", async () => {
    const eager = [{ width: 0.5, crop: "crop", format: "tiff" }];
    const answer = await stack.upload(picture, { public_id: "eager", eager });
    expect(answer.eager).toMatchObject([{ transformation: "c_crop,w_0.5/tiff", format: "tiff" }]);
    const { derived } = await stack.api.resource("eager");
    expect(derived).toMatchObject([{ transformation: "c_crop,w_0.5/tiff" }]);
    await rest("DELETE", "derived_resources", { derived_resource_ids: [derived[0].id] });
    expect((await stack.api.resource("eager")).derived).toEqual([]);
  });

  it("can be restricted by access mode until it is changed in bulk", async () => {
    const answer = await stack.upload(picture, { public_id: "mode", access_mode: "authenticated" });
    expect(answer.access_mode).toBe("authenticated");
    expect((await fetch(answer.secure_url)).status).toBe(401);
    const path = "resources/image/upload/update_access_mode";
    expect(await rest("POST", path, { access_mode: "public", public_ids: ["mode"] })).toMatchObject({
      body: { updated: [{ public_id: "mode", access_mode: "public" }] },
    });
    expect((await fetch(answer.secure_url)).status).toBe(200);
  });

  it("can be deleted with the delete token, once", async () => {
    const { delete_token: token } = await stack.upload(picture, { return_delete_token: true });
    expect(await rest("POST", "delete_by_token", { token })).toMatchObject({ body: { result: "ok" } });
    expect((await rest("POST", "delete_by_token", { token })).status).toBe(400);
  });

  it("of a social type are pending when asynchronous", async () => {
    const path = "image/explicit";
    expect(await rest("POST", path, { public_id: "zuck", type: "facebook", async: true })).toMatchObject({
      status: 200,
      body: { status: "pending", type: "facebook", public_id: "zuck", resource_type: "image" },
    });
    expect((await rest("POST", path, { public_id: "zuck", type: "facebook" })).status).toBe(404);
  });
});

describe("backups", () => {
  it("leave a placeholder when the asset is deleted, and restore it by public id", async () => {
    const answer = await stack.upload(picture, { public_id: "kept", backup: true });
    await stack.uploader.destroy("kept");
    expect(await stack.api.resource("kept", { versions: true })).toMatchObject({
      bytes: 0,
      placeholder: true,
      versions: [{ version_id: answer.version_id, size: picture.length }],
    });
    expect((await fetch(answer.secure_url)).status).toBe(404);
    expect(await stack.uploader.destroy("kept")).toMatchObject({ result: "not found" });
    expect(await stack.api.restore(["kept", "never"])).toMatchObject({
      kept: { bytes: picture.length },
      never: { error: "no_backup" },
    });
    expect(await bytesOf((await stack.api.resource("kept")).secure_url)).toEqual(picture);
  });

  it("contain every version, which can be restored or deleted", async () => {
    const other = await plain(5, 5, "blue");
    const first = await stack.upload(picture, { public_id: "twice", backup: true });
    await stack.upload(other, { public_id: "twice", backup: true });
    await stack.api.restore(["twice"], { versions: [first.version_id] });
    const { secure_url, asset_id } = await stack.api.resource("twice");
    expect(await bytesOf(secure_url)).toEqual(picture);
    await rest("DELETE", `resources/backup/${asset_id}`, { version_ids: [first.version_id] });
    const { versions } = await stack.api.resource("twice", { versions: true });
    expect(versions).toHaveLength(1);
    expect(await bytesOf(secure_url)).toEqual(picture);
  });
});

describe("links to private originals", () => {
  it("are valid until they expire, and only unchanged", async () => {
    await stack.upload(picture, { public_id: "private", type: "private" });
    const link = (seconds: number) =>
      stack.utils.private_download_url("private", "png", {
        type: "private",
        attachment: true,
        expires_at: Math.floor(Date.now() / 1_000) + seconds,
      });
    const good = await fetch(link(60));
    expect(good.status).toBe(200);
    expect(good.headers.get("content-disposition")).toContain("private.png");
    expect(Buffer.from(await good.arrayBuffer())).toEqual(picture);
    expect((await fetch(link(-60))).status).toBe(401);
    expect((await fetch(link(60).replace("public_id=private", "public_id=other"))).status).toBe(401);
  });
});

describe("folders", () => {
  it("are a property in dynamic mode, and a prefix on request", async () => {
    const settings = { asset_folder: "shop/vases", public_id: "plain-id" };
    expect(await stack.upload(picture, settings)).toMatchObject({
      public_id: "plain-id",
      asset_folder: "shop/vases",
    });
    const prefixed = { ...settings, use_asset_folder_as_public_id_prefix: true };
    expect(await stack.upload(picture, prefixed)).toMatchObject({ public_id: "shop/vases/plain-id" });
    expect(await stack.api.resources_by_asset_folder("shop/vases")).toMatchObject({ total_count: 2 });
    expect(await stack.api.sub_folders("shop")).toMatchObject({ folders: [{ path: "shop/vases" }] });
    await expect(stack.api.sub_folders("nowhere")).rejects.toMatchObject({
      error: { message: "Can't find folder with path nowhere" },
    });
  });

  it("are the path in the public id in fixed mode", async () => {
    const fixed = await localStack({ folderMode: "fixed" });
    const settings = { file: dataUri, folder: "shop", asset_folder: "other" };
    const body = await (await fixed.rest("POST", "image/upload", settings)).json();
    expect(body).toMatchObject({ folder: "shop", public_id: expect.stringMatching(/^shop\/\w+$/) });
    for (const key of ["asset_folder", "display_name"]) expect(body).not.toHaveProperty(key);
    expect(await (await fixed.rest("GET", "config?settings=true")).json()).toMatchObject({
      settings: { folder_mode: "fixed" },
    });
    await fixed.close();
  });
});

describe("lists and details", () => {
  it("show metadata on request, sorted tags, and only the requested fields", async () => {
    await stack.upload(picture, { public_id: "listed", tags: ["z", "a"], context: { k: "v" } });
    const list = async (more: object) =>
      (await stack.api.resources({ type: "upload", prefix: "listed", ...more })).resources[0];
    expect(await list({ metadata: true, tags: true })).toMatchObject({ metadata: {}, tags: ["a", "z"] });
    expect(await list({ metadata: false })).not.toHaveProperty("metadata");
    expect(Object.keys(await list({ fields: ["tags"] })).sort()).toEqual(
      "asset_id folder public_id tags".split(" "),
    );
    const found = await stack.api.resources_by_context("k", "v");
    expect(found.resources).toMatchObject([{ context: { custom: { k: "v" } } }]);
    const videos = await stack.api.resources_by_context("k", "v", { resource_type: "video" });
    expect(videos.resources).toEqual([]);
    await stack.upload(picture, { public_id: "bare" });
    expect(await stack.api.resource("bare")).not.toHaveProperty("tags");
  });

  it("of a rename contain context only on request", async () => {
    await stack.upload(picture, { public_id: "from", context: { k: "v" } });
    expect(await stack.uploader.rename("from", "to")).not.toHaveProperty("context");
    const asked = { from_public_id: "to", to_public_id: "back", context: true };
    expect(await rest("POST", "image/rename", asked)).toMatchObject({
      body: { context: { custom: { k: "v" } } },
    });
  });

  it("of a preset are lists and booleans", async () => {
    await stack.api.create_upload_preset({ name: "shown", tags: "a,b", overwrite: true, backup: false });
    expect((await stack.api.upload_preset("shown")).settings).toEqual({
      tags: ["a", "b"],
      overwrite: true,
      backup: false,
    });
  });

  it("also count assets that a deletion did not find", async () => {
    const answer = await stack.api.delete_resources(["never-there"]);
    expect(answer.deleted_counts).toEqual({ "never-there": { original: 0, derived: 0 } });
  });
});

it("publishes restricted assets by id, prefix and tag", async () => {
  await stack.upload(picture, { public_id: "closed/1", type: "authenticated", tags: ["closed"] });
  const path = "resources/image/publish_resources";
  const wrong = await rest("POST", path, { public_ids: ["closed/1"], type: "private" });
  expect(wrong.body).toMatchObject({ published: [] });
  const { body } = await rest("POST", path, { prefix: "closed/" });
  const { published } = body as { published: { public_id: string; url: string }[] };
  expect(published).toMatchObject([{ public_id: "closed/1", url: expect.stringContaining("/upload/") }]);
  expect((await fetch(published[0]?.url ?? "")).status).toBe(200);
});
