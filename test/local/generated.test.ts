import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { animatedGif, svgIcons } from "../../src/local/samples.ts";
import { cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, pixel, plain } from "./support/pixels.ts";

let stack: LocalStack;

beforeAll(async () => {
  stack = await localStack();
  for (const { name, bytes } of svgIcons())
    await stack.upload(bytes, { public_id: `webhooks/${name}`, tags: ["icon"] });
  await stack.upload(await plain(30, 20, "red"), { public_id: "slides/b", tags: ["slide"] });
  await stack.upload(await plain(30, 20, "blue"), { public_id: "slides/a", tags: ["slide"] });
  await stack.upload(await animatedGif(), { public_id: "webhooks/team" });
});
afterAll(() => stack.close());

describe("F2: generate_sprite", () => {
  it("arranges all tagged pictures vertically, with a matching style sheet", async () => {
    const options = { notification_url: stack.hook.url };
    const answer = await stack.uploader.generate_sprite("icon", options);
    expect(answer).toMatchObject({ public_id: "icon", version: expect.any(Number) });
    const sheet = await sharp(await bytesOf(answer.secure_image_url)).metadata();
    expect([sheet.width, sheet.height]).toEqual([24, 76]);
    const css = (await bytesOf(answer.secure_css_url)).toString();
    expect(css).toMatch(/^\.webhooks-email, \.webhooks-home, \.webhooks-star \{/);
    expect(css).toContain(answer.image_url.replace("http:", ""));
    expect(css).toMatch(
      /\.webhooks-home \{\s+background-position: 0px -26px;\s+width: 24px;\s+height: 24px;/,
    );
    const table = JSON.parse((await bytesOf(answer.secure_json_url)).toString());
    expect(table).toEqual(answer.image_infos);
    expect(table["webhooks/star"]).toEqual({ x: 0, y: 52, width: 24, height: 24 });
  });

  it("sends the notification in the captured form: no timestamp, no request id", async () => {
    const [{ json } = { json: {} }] = (await stack.arrived()).filter(
      ({ json }) => json.notification_type === "sprite",
    );
    expect(Object.keys(json)).toEqual(
      expect.arrayContaining(
        "css_url image_url secure_css_url secure_image_url json_url secure_json_url version asset_id public_id image_infos".split(
          " ",
        ),
      ),
    );
    expect(json).not.toHaveProperty("timestamp");
    expect(json).not.toHaveProperty("request_id");
  });

  it("rejects an unused tag", async () => {
    await expect(stack.uploader.generate_sprite("nothing")).rejects.toMatchObject({ http_code: 404 });
  });
});

describe("F3: explode", () => {
  it("lists every page with its picture, and a sprite of some of them", async () => {
    await stack.arrived();
    const options = { page: "all" as const, format: "png", notification_url: stack.hook.url };
    const answer = await stack.uploader.explode("webhooks/team", options);
    expect(answer).toEqual({ status: "processing", batch_id: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({
      notification_type: "explode",
      pages: 6,
      batch_id: answer.batch_id,
    });
    const infos = Array.isArray(arrival?.json.image_infos) ? arrival.json.image_infos : [];
    expect(infos).toHaveLength(6);
    for (const info of infos) {
      const bytes = await bytesOf(info.secure_url);
      expect(bytes).toHaveLength(info.bytes);
      expect(await sharp(bytes).metadata()).toMatchObject({
        format: "png",
        width: info.width,
        height: info.height,
      });
    }
    expect(infos[4].url).toMatch(/\/image\/upload\/pg_5\/v\d+\/webhooks\/team\.png$/);

    // The SDK takes options in place of the tag; its types do not know that.
    const urls = { urls: [infos[0].url, infos[4].url] };
    const sprite = await Reflect.apply(stack.uploader.generate_sprite, stack.uploader, [urls]);
    expect(sprite.image_infos).toEqual({
      [infos[0].url]: { x: 0, y: 0, width: 160, height: 160 },
      [infos[4].url]: { x: 0, y: 162, width: 160, height: 160 },
    });
  });
});

describe("F4: multi", () => {
  it("creates a GIF of the tagged pictures, in the order of their names, with the given delay", async () => {
    await stack.arrived();
    const options = { delay: 700, format: "gif", notification_url: stack.hook.url };
    const answer = await stack.uploader.multi("slide", options);
    const gif = await bytesOf(answer.secure_url);
    expect(await sharp(gif).metadata()).toMatchObject({ format: "gif", pages: 2, delay: [700, 700] });
    expect(await pixel(gif, 5, 5)).toEqual([0, 0, 255, 255]);
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({
      notification_type: "multi",
      public_id: "slide",
      secure_url: answer.secure_url,
    });
  });

  it("creates a video too", async () => {
    const options = { format: "mp4" };
    const { secure_url } = await stack.uploader.multi("slide", options);
    expect(secure_url).toMatch(/\/video\/multi\/v\d+\/slide\.mp4$/);
    expect((await fetch(secure_url)).headers.get("content-type")).toBe("video/webm");
    const still = await bytesOf(secure_url.replace(".mp4", ".jpg"));
    const [redness = 255, , blueness = 0] = await pixel(still, 5, 5);
    expect(redness).toBeLessThan(30);
    expect(blueness).toBeGreaterThan(200);
  });
});

describe("F5: create_slideshow", () => {
  const create = (manifest: unknown) =>
    stack.rest("POST", "video/create_slideshow", {
      manifest_json: JSON.stringify(manifest),
      public_id: "show",
      notification_url: stack.hook.url,
    });

  it("creates a video that is reported as an upload, with the length of its slides and transitions", async () => {
    await stack.arrived();
    const slides = [{ media: "i:slides/a" }, { media: "i:slides/b", sdur: 2_000 }];
    const response = await create({ w: 64, h: 48, vars: { sdur: 1_000, tdur: 500, slides } });
    expect(await response.json()).toMatchObject({ status: "processing", public_id: "show" });
    const [arrival] = await stack.arrived();
    expect(arrival?.json).toMatchObject({
      notification_type: "upload",
      resource_type: "video",
      format: "mp4",
      public_id: "show",
      width: 64,
      height: 48,
      duration: 3.5,
    });
    const still = await bytesOf(String(arrival?.json.secure_url).replace(".mp4", ".png"));
    expect((await pixel(still, 32, 24))[2]).toBeGreaterThan(200);
  });

  it("rejects a manifest without slides, and one with missing media", async () => {
    expect((await create({ vars: { slides: [] } })).status).toBe(400);
    expect((await create({ vars: { slides: [{ media: "i:nowhere" }] } })).status).toBe(404);
  });
});

describe("eager transformations", () => {
  it("asynchronous ones are reported when they are ready, together with failed ones", async () => {
    await stack.arrived();
    const answer = await stack.upload(await plain(100, 100, "red"), {
      public_id: "webhooks/vase",
      type: "private",
      eager: [
        { overlay: "webhooks:home", gravity: "south_east", width: 40, x: 3, y: 3, opacity: 100 },
        { width: 10, crop: "scale", format: "webp" },
        { streaming_profile: "full_hd", format: "m3u8" },
      ],
      eager_async: true,
      eager_notification_url: `${stack.hook.url}/eager`,
      notification_url: `${stack.hook.url}/upload`,
    });
    const [uploaded, eager] = await stack.arrived();
    expect(uploaded?.path).toBe("/upload");
    expect(uploaded?.json).not.toHaveProperty("eager");
    expect(eager?.path).toBe("/eager");
    expect(eager?.json).toMatchObject({
      notification_type: "eager",
      timestamp: expect.any(String),
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      batch_id: answer.eager[0].batch_id,
      asset_id: answer.asset_id,
      public_id: "webhooks/vase",
      eager: [
        {
          transformation: "g_south_east,l_webhooks:home,o_100,w_40,x_3,y_3",
          width: 100,
          height: 100,
          format: "png",
          secure_url: `${stack.url}/${cloudName}/image/private/g_south_east,l_webhooks:home,o_100,w_40,x_3,y_3/v${answer.version}/webhooks/vase.png`,
        },
        { transformation: "c_scale,w_10/webp", width: 10, height: 10, format: "webp" },
        { transformation: "sp_full_hd/m3u8", status: "failed", reason: expect.any(String) },
      ],
    });
    for (const absent of ["resource_type", "type", "version"]) expect(eager?.json).not.toHaveProperty(absent);
    const made = Array.isArray(eager?.json.eager) ? eager.json.eager : [];
    expect(made[2]).not.toHaveProperty("secure_url");
    for (const one of made.slice(0, 2)) expect(await bytesOf(one.secure_url)).toHaveLength(one.bytes);
  });

  it("are sent to notification_url without an eager URL, and are also caused by explicit", async () => {
    const settings = {
      type: "upload" as const,
      eager: [{ width: 5, crop: "scale" }],
      eager_async: true,
      notification_url: `${stack.hook.url}/explicit`,
    };
    await stack.uploader.explicit("slides/a", settings);
    const arrivals = await stack.arrived();
    expect(arrivals.map(({ path, json }) => [path, json.notification_type])).toEqual([
      ["/explicit", "eager"],
    ]);
  });

  it("synchronous ones are in the response and in the upload notification", async () => {
    const answer = await stack.upload(await plain(9, 9, "red"), {
      public_id: "at-once",
      eager: [{ width: 3, crop: "scale" }],
      notification_url: stack.hook.url,
    });
    const [arrival] = await stack.arrived();
    expect(answer.eager).toEqual([expect.objectContaining({ width: 3, secure_url: expect.any(String) })]);
    expect(arrival?.json.eager).toEqual(answer.eager);
  });
});
