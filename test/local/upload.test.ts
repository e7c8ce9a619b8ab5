import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { animatedGif, video } from "../../src/local/samples.ts";
import { serve } from "../../src/local/server.ts";
import { apiKey, apiSecret, cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, plain } from "./support/pixels.ts";

let stack: LocalStack;
const picture = await plain(20, 10, "#336699");

beforeAll(async () => {
  stack = await localStack();
});
afterAll(() => stack.close());

describe("an upload", () => {
  it("returns the asset's data, and is delivered byte for byte", async () => {
    await stack.api.add_metadata_field({ external_id: "sku", label: "SKU", type: "string" });
    const answer = await stack.upload(picture, {
      public_id: "shop/vase",
      tags: ["a", "b"],
      context: { alt: "A | b = c" },
      metadata: { sku: "SKU-1" },
    });
    expect(answer).toMatchObject({
      public_id: "shop/vase",
      resource_type: "image",
      type: "upload",
      format: "png",
      width: 20,
      height: 10,
      bytes: picture.length,
      etag: createHash("md5").update(picture).digest("hex"),
      tags: ["a", "b"],
      context: { custom: { alt: "A | b = c" } },
      metadata: { sku: "SKU-1" },
      placeholder: false,
      api_key: apiKey,
    });
    expect(answer.asset_id).toMatch(/^[0-9a-f]{32}$/);
    expect(answer.secure_url).toBe(`${stack.url}/${cloudName}/image/upload/v${answer.version}/shop/vase.png`);
    expect(await bytesOf(answer.secure_url)).toEqual(picture);
  });

  it.each(["8", "Q", "iVBO", "s0d3fk2a"])(
    "may have the boundary %s, which its picture holds too",
    async (boundary) => {
      const bytes = Buffer.concat([
        picture,
        Buffer.from(`${boundary}\r${boundary}\n-${boundary}--${boundary}--`),
      ]);
      const timestamp = String(Math.floor(Date.now() / 1_000));
      const signed = { public_id: `bounded/${boundary}`, timestamp };
      const parts = Object.entries({
        ...signed,
        api_key: apiKey,
        signature: stack.utils.api_sign_request(signed, apiSecret),
        file: `data:image/png;base64,${bytes.toString("base64")}`,
      }).map(
        ([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
      );
      const answer = await fetch(`${stack.url}/v1_1/${cloudName}/image/upload`, {
        method: "POST",
        headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
        body: `${parts.join("")}--${boundary}--`,
      });
      expect(answer.status).toBe(200);
      const { secure_url } = (await answer.json()) as { secure_url: string };
      expect(await bytesOf(secure_url)).toEqual(bytes);
    },
  );

  it("sends the same data in its notification, with the fields of the documented example", async () => {
    await stack.arrived();
    await stack.upload(picture, { public_id: "told", notification_url: stack.hook.url });
    const [arrival] = await stack.arrived();
    expect(Object.keys(arrival?.json ?? {})).toEqual(
      expect.arrayContaining(
        `notification_type timestamp request_id asset_id public_id version version_id width height format resource_type
         created_at tags bytes type etag placeholder url secure_url asset_folder display_name access_mode api_key
         notification_context signature_key`.split(/\s+/),
      ),
    );
    expect(arrival?.json).toMatchObject({
      notification_type: "upload",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      tags: [],
    });
    expect(arrival?.json).not.toHaveProperty("signature");
  });

  it("of the same name keeps the asset id, and has a new version and a new URL", async () => {
    const before = await stack.upload(picture, { public_id: "replaced" });
    const other = await plain(5, 5, "red");
    const after = await stack.upload(other, { public_id: "replaced" });
    expect(after).toMatchObject({ asset_id: before.asset_id, overwritten: true, width: 5 });
    expect(after.version).toBeGreaterThan(before.version);
    expect(await bytesOf(after.secure_url)).toEqual(other);
  });

  it("with overwrite false keeps the existing asset, reports that, and still sends a notification", async () => {
    const before = await stack.upload(picture, { public_id: "kept" });
    await stack.arrived();
    const after = await stack.upload(await plain(5, 5, "red"), {
      public_id: "kept",
      overwrite: false,
      notification_url: stack.hook.url,
    });
    expect(after).toMatchObject({ existing: true, version: before.version, width: 20 });
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({ existing: true, version: before.version });
  });

  it("accepts URLs on this machine only", async () => {
    const elsewhere = await serve({ port: 0, fetch: async () => new Response(new Uint8Array(picture)) });
    const answer = await stack.uploader.upload(`${elsewhere.url}/some/picture.png`, { use_filename: true });
    expect(answer.public_id).toMatch(/^picture_\w{6}$/);
    await elsewhere.close();
    await expect(stack.uploader.upload("https://example.com/x.png")).rejects.toMatchObject({
      http_code: 501,
    });
  });

  it("detects the pages of an animation and the length of a video", async () => {
    expect(await stack.upload(await animatedGif())).toMatchObject({ format: "gif", pages: 6 });
    const answer = await stack.upload(await video(), { resource_type: "video" });
    expect(answer).toMatchObject({ resource_type: "video", format: "webm", duration: 1.2, width: 160 });
  });

  it("can be sent in chunks", async () => {
    const noise = Buffer.concat([picture, Buffer.alloc(6_000_000, 7)]);
    const send = (from: number, to: number, total: number | string) => {
      const form = new FormData();
      form.append("file", new File([noise.subarray(from, to)], "large.bin"));
      form.append("public_id", "large.bin");
      return fetch(`${stack.url}/v1_1/${cloudName}/raw/upload`, {
        method: "POST",
        headers: {
          "Content-Range": `bytes ${from}-${to - 1}/${total}`,
          "X-Unique-Upload-Id": "one-upload",
          Authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
        },
        body: form,
      });
    };
    expect(await (await send(0, 5_500_000, -1)).json()).toMatchObject({ done: false });
    // As a client sends a piece again whose answer was lost.
    expect(await (await send(0, 5_500_000, -1)).json()).toMatchObject({ done: false, bytes: 5_500_000 });
    // A part of the file must not pass for the whole.
    expect((await send(0, 10, "all")).status).toBe(400);
    const answer = await (await send(5_500_000, noise.length, noise.length)).json();
    expect(answer).toMatchObject({ public_id: "large.bin", bytes: noise.length });
  });

  it("of one name at the same time results in one asset with a version for each", async () => {
    const colours = ["red", "blue", "green", "black"];
    const pictures = await Promise.all(colours.map((colour) => plain(6, 6, colour)));
    const answers = await Promise.all(pictures.map((one) => stack.upload(one, { public_id: "contested" })));
    expect(new Set(answers.map(({ asset_id }) => asset_id)).size).toBe(1);
    expect(new Set(answers.map(({ version }) => version)).size).toBe(4);
    const settings = { public_id: "first come", overwrite: false };
    const kept = await Promise.all(pictures.map((one) => stack.upload(one, settings)));
    expect(kept.filter(({ existing }) => existing !== true)).toHaveLength(1);
    expect(new Set(kept.map(({ etag }) => etag)).size).toBe(1);
    await stack.arrived();
  });

  it("can be asynchronous: the response is pending, and the notification follows", async () => {
    await stack.arrived();
    const answer = await stack.upload(picture, {
      async: true,
      public_id: "later",
      notification_url: stack.hook.url,
    });
    expect(answer).toMatchObject({ status: "pending", public_id: "later" });
    expect(answer).not.toHaveProperty("secure_url");
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({ notification_type: "upload", public_id: "later" });
  });
});

describe("rejected are", () => {
  it.each([
    ["text as an image", { resource_type: "image" }, Buffer.from("no picture"), "Invalid image file"],
    ["a picture as a video", { resource_type: "video" }, picture, "Unsupported video format or file"],
    ["an unknown preset", { upload_preset: "nowhere" }, picture, "Upload preset not found"],
    [
      "a video's moderation for a picture",
      { moderation: "google_video_moderation" },
      picture,
      "does not support image",
    ],
    ["a public id that no URL can hold", { public_id: "a?b" }, picture, "is invalid"],
  ])("%s", async (_, settings, bytes, message) => {
    await expect(stack.upload(bytes, settings)).rejects.toMatchObject({
      http_code: 400,
      message: expect.stringContaining(message),
    });
  });

  it("calls signed with another secret, with another key, or more than an hour ago", async () => {
    const upload = (settings: object) => stack.upload(picture, { public_id: "unsigned", ...settings });
    await expect(upload({ api_secret: "wrong" })).rejects.toMatchObject({
      http_code: 401,
      message: expect.stringContaining("Invalid Signature"),
    });
    await expect(upload({ api_key: "999" })).rejects.toMatchObject({
      http_code: 401,
      message: "Unknown API key 999",
    });
    const old = Math.floor(Date.now() / 1_000) - 3_700;
    await expect(upload({ timestamp: old })).rejects.toMatchObject({
      http_code: 400,
      message: expect.stringContaining("Stale request"),
    });
    await expect(stack.api.resource("unsigned")).rejects.toMatchObject({ error: { http_code: 404 } });
  });

  it("calls whose parameters were changed after signing", async () => {
    const params = { timestamp: Math.floor(Date.now() / 1_000), public_id: "mine" };
    const signature = stack.utils.api_sign_request(params, apiSecret);
    const body = new URLSearchParams({
      ...params,
      timestamp: String(params.timestamp),
      api_key: apiKey,
      signature,
    });
    const call = (fields: URLSearchParams) =>
      fetch(`${stack.url}/v1_1/${cloudName}/image/destroy`, { method: "POST", body: fields });
    expect((await call(body)).status).toBe(200);
    body.set("public_id", "yours");
    expect((await call(body)).status).toBe(401);
  });

  it("Admin calls with a wrong secret", async () => {
    const wrong = { api_secret: "wrong" };
    await expect(stack.api.resources(wrong)).rejects.toMatchObject({ error: { http_code: 401 } });
  });
});

describe("an unsigned upload", () => {
  const file = `data:image/png;base64,${picture.toString("base64")}`;

  it("works with a preset that allows it, uses its settings, and notifies its URL", async () => {
    await stack.arrived();
    const preset = {
      name: "track-with-webhook",
      unsigned: true,
      notification_url: `${stack.hook.url}/preset`,
      tags: "widget",
    };
    await stack.api.create_upload_preset(preset);
    const answer = await stack.uploader.unsigned_upload(file, "track-with-webhook");
    expect(answer).toMatchObject({ tags: ["widget"], width: 20 });
    const [arrival] = await stack.arrived();
    expect(arrival?.path).toBe("/preset");
    expect(arrival?.json).toMatchObject({ public_id: answer.public_id });
  });

  it("cannot set the notification URL, or use a signed preset", async () => {
    const settings = { notification_url: stack.hook.url };
    await expect(stack.uploader.unsigned_upload(file, "track-with-webhook", settings)).rejects.toMatchObject({
      message: expect.stringContaining(
        "notification_url parameter is not allowed when using unsigned upload",
      ),
    });
    const closed = { name: "signed-only" };
    await stack.api.create_upload_preset(closed);
    await expect(stack.uploader.unsigned_upload(file, "signed-only")).rejects.toMatchObject({
      message: expect.stringContaining("whitelisted"),
    });
  });
});

it("is kept after a restart with bytes and labels; deleted assets and their files are not", async () => {
  const first = await localStack();
  const to = { upload_prefix: first.url };
  const file = `data:image/png;base64,${picture.toString("base64")}`;
  await stack.uploader.upload(file, { ...to, public_id: "stays", tags: ["kept"] });
  await stack.uploader.upload(file, { ...to, public_id: "goes", eager: [{ width: 4, crop: "scale" }] });
  const gone = { ...to, resource_type: "image" };
  await stack.uploader.destroy("goes", gone);
  const { dataDir } = first.cloudinary.cloud;
  await first.close({ keepData: true });
  expect(await readdir(join(dataDir, "files"))).toHaveLength(1);
  const second = await localStack({ dataDir: join(dataDir, "..") });
  const shown = { upload_prefix: second.url };
  expect(await stack.api.resource("stays", shown)).toMatchObject({ tags: ["kept"], bytes: picture.length });
  expect(await bytesOf(`${second.url}/${cloudName}/image/upload/stays.png`)).toEqual(picture);
  await expect(stack.api.resource("goes", shown)).rejects.toMatchObject({ error: { http_code: 404 } });
  await second.close();
});

it("does not start with an unreadable state, and names the file", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "local-broken-"));
  await writeFile(join(dataDir, "state.json"), '{"assets": 1}');
  const options = { dataDir, cloudName, apiKey, apiSecret, baseUrl: stack.url };
  await expect(localCloudinary(options)).rejects.toMatchObject({
    name: "StateUnreadable",
    message: expect.stringContaining(join(dataDir, "state.json")),
  });
  await rm(dataDir, { recursive: true });
});
