import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { animatedGif, video } from "../../src/local/samples.ts";
import { cloudName, type LocalStack, localStack } from "./support/local-stack.ts";
import { bytesOf, halves, pixel, plain } from "./support/pixels.ts";

let stack: LocalStack;
const red = [255, 0, 0, 255];
const blue = [0, 0, 255, 255];
const green = [0, 128, 0, 255];

beforeAll(async () => {
  stack = await localStack();
  await stack.upload(await halves(200, 100, ["red", "blue"]), { public_id: "halves" });
  await stack.upload(await plain(40, 40, "green"), { public_id: "marks/logo" });
  await stack.upload(await animatedGif(), { public_id: "anim" });
  await stack.upload(await video("#ff0000"), { public_id: "clip", resource_type: "video" });
});
afterAll(() => stack.close());

const address = (path: string, kind = "image/upload") => `${stack.url}/${cloudName}/${kind}/${path}`;
const made = (transformation: string, name = "halves.png") => bytesOf(address(`${transformation}/${name}`));

describe("sizes and crops", () => {
  it.each([
    ["w_50", 50, 25],
    ["h_50", 100, 50],
    ["c_scale,h_50,w_50", 50, 50],
    ["c_fit,h_50,w_50", 50, 25],
    ["c_fit,h_400,w_400", 400, 200],
    ["c_limit,h_400,w_400", 200, 100],
    ["c_fill,h_50,w_50", 50, 50],
    ["c_thumb,g_face,h_30,w_30", 30, 30],
    ["c_pad,h_50,w_50", 50, 50],
    ["c_crop,h_10,w_20", 20, 10],
    ["ar_1:1,c_fill,w_60", 60, 60],
    ["w_0.5", 100, 50],
    ["dpr_2.0,w_50", 100, 50],
    ["c_scale,w_100/c_scale,w_10", 10, 5],
    ["a_90", 100, 200],
  ])("%s makes %d × %d", async (transformation, width, height) => {
    const facts = await sharp(await made(transformation)).metadata();
    expect([facts.width, facts.height]).toEqual([width, height]);
  });

  it("fill keeps the side given by the gravity", async () => {
    expect(await pixel(await made("c_fill,g_west,h_50,w_50"), 25, 25)).toEqual(red);
    expect(await pixel(await made("c_fill,g_east,h_50,w_50"), 25, 25)).toEqual(blue);
  });

  it("pad puts the picture on a background of the given colour", async () => {
    const padded = await made("b_green,c_pad,h_100,w_100");
    expect(await pixel(padded, 50, 5)).toEqual(green);
    expect(await pixel(padded, 25, 50)).toEqual(red);
  });
});

describe("overlays", () => {
  it("are placed by gravity and offset, and sized by width", async () => {
    const laid = await made("g_south_east,l_marks:logo,w_20,x_30,y_10");
    expect(await pixel(laid, 200 - 30 - 10, 100 - 10 - 10)).toEqual(green);
    expect(await pixel(laid, 200 - 30 - 21, 100 - 10 - 10)).toEqual(blue);
    expect(await pixel(laid, 200 - 29, 100 - 10 - 10)).toEqual(blue);
    expect(await pixel(laid, 200 - 30 - 10, 100 - 9)).toEqual(blue);
  });

  it("are centred without a gravity", async () => {
    expect(await pixel(await made("l_marks:logo"), 100, 50)).toEqual(green);
  });

  it("are blended according to their opacity", async () => {
    const [redness = 0, greenness = 0] = await pixel(await made("g_west,l_marks:logo,o_50"), 10, 50);
    expect(redness).toBeGreaterThan(120);
    expect(redness).toBeLessThan(135);
    expect(greenness).toBeGreaterThan(58);
    expect(greenness).toBeLessThan(70);
  });

  it("are clipped at the edge, and placed by layer_apply after their own transformations", async () => {
    expect(await pixel(await made("g_north_west,l_marks:logo,x_-20,y_-20"), 10, 10)).toEqual(green);
    const dressed = await made("l_marks:logo/c_scale,w_10/fl_layer_apply,g_north_west");
    expect(await pixel(dressed, 5, 5)).toEqual(green);
    expect(await pixel(dressed, 15, 5)).toEqual(red);
  });

  it("that do not exist result in 404", async () => {
    const response = await fetch(address("l_marks:nothing/halves.png"));
    expect(response.status).toBe(404);
    expect(response.headers.get("x-cld-error")).toContain("marks/nothing");
  });
});

describe("formats", () => {
  it.each([
    ["f_jpg", "halves", "jpeg"],
    ["q_auto", "halves.webp", "webp"],
    ["w_10", "halves.avif", "heif"],
    ["f_png,q_80", "halves", "png"],
  ])("%s of %s is %s", async (transformation, name, format) => {
    expect((await sharp(await made(transformation, name)).metadata()).format).toBe(format);
  });

  it("auto is WebP for clients that accept it, otherwise the original format", async () => {
    const url = address("f_auto/halves");
    const types = [undefined, "image/webp,*/*"].map(async (accept) => {
      const response = await fetch(url, accept === undefined ? {} : { headers: { accept } });
      return response.headers.get("content-type");
    });
    expect(await Promise.all(types)).toEqual(["image/png", "image/webp"]);
  });

  it("lower quality results in fewer bytes", async () => {
    const small = await made("q_10", "halves.jpg");
    expect(small.length).toBeLessThan((await made("q_100", "halves.jpg")).length);
  });

  it("serves single pages of an animation, and the animation at another size", async () => {
    const first = await made("pg_1", "anim.png");
    expect((await sharp(first).metadata()).pages).toBeUndefined();
    expect(first.equals(await made("pg_6", "anim.png"))).toBe(false);
    expect(await sharp(await made("c_scale,w_40", "anim.gif")).metadata()).toMatchObject({
      pages: 6,
      width: 40,
    });
  });

  it("generates stills and smaller videos, and supports range requests", async () => {
    const still = await bytesOf(address("clip.jpg", "video/upload"));
    expect((await sharp(still).metadata()).format).toBe("jpeg");
    const small = await fetch(address("c_scale,w_80/clip.mp4", "video/upload"), {
      headers: { range: "bytes=0-3" },
    });
    expect(small.status).toBe(206);
    expect(small.headers.get("content-type")).toBe("video/webm");
    expect(Buffer.from(await small.arrayBuffer()).toString("hex")).toBe("1a45dfa3");
  });
});

describe("access", () => {
  const status = async (url: string) => (await fetch(url)).status;
  const signed = (publicId: string, settings: object) =>
    stack.utils.url(publicId, {
      sign_url: true,
      secure: false,
      cname: stack.url.slice("http://".length),
      ...settings,
    });

  it("private and authenticated originals require a valid signature", async () => {
    for (const type of ["private", "authenticated"]) {
      const answer = await stack.upload(await plain(30, 30, "red"), { public_id: "closed/one", type });
      expect(await status(answer.secure_url)).toBe(200);
      expect(await status(address("closed/one.png", `image/${type}`))).toBe(401);
      expect(await status(answer.secure_url.replace(/s--.{8}--/, "s--AAAAAAAA--"))).toBe(401);
      expect(await status(signed("closed/one", { type, format: "png", version: 5 }))).toBe(200);
      expect(await status(signed("closed/one", { type, format: "jpg", width: 10, crop: "scale" }))).toBe(200);
      const long = { type, format: "png", long_url_signature: true };
      expect(await status(signed("closed/one", long))).toBe(200);
      expect(await status(signed("closed/one", { ...long, api_secret: "wrong" }))).toBe(401);
    }
  });

  it("derived assets of a private asset are public once generated, those of an authenticated one never", async () => {
    const eager = [{ width: 12, crop: "scale" }];
    const [shown, hidden] = await Promise.all(
      ["private", "authenticated"].map(async (type) =>
        stack.upload(await plain(30, 30, "red"), { public_id: "closed/two", type, eager }),
      ),
    );
    expect(shown?.eager[0].secure_url).not.toContain("s--");
    expect(await status(shown?.eager[0].secure_url)).toBe(200);
    expect(await status(address("c_scale,w_13/closed/two.png", "image/private"))).toBe(401);
    expect(hidden?.eager[0].secure_url).toContain("s--");
    expect(await status(hidden?.eager[0].secure_url)).toBe(200);
    expect(await status(hidden?.eager[0].secure_url.replace(/s--.{8}--\//, ""))).toBe(401);
  });

  it("an asset with token access is not delivered until it is anonymous", async () => {
    const { secure_url } = await stack.upload(await plain(9, 9, "red"), {
      public_id: "gated",
      access_control: [{ access_type: "token" }],
    });
    expect(await status(secure_url)).toBe(401);
    const opened = { access_control: [{ access_type: "anonymous" }] };
    await stack.api.update("gated", opened);
    expect(await status(secure_url)).toBe(200);
  });

  it("an anonymous rule applies only within its time", async () => {
    const ended = [{ access_type: "anonymous", end: "2020-01-01T00:00:00Z" }];
    const answer = await stack.upload(await plain(9, 9, "red"), { public_id: "over", access_control: ended });
    expect(await status(answer.secure_url)).toBe(401);
  });

  it("a deleted asset is not delivered", async () => {
    const { secure_url } = await stack.upload(await plain(9, 9, "red"), { public_id: "gone" });
    expect(await status(secure_url)).toBe(200);
    await stack.uploader.destroy("gone");
    expect(await status(secure_url)).toBe(404);
  });
});

it("reports what it cannot render", async () => {
  const response = await fetch(address("e_cartoonify/halves.png"));
  expect(response.status).toBe(501);
  expect(await response.text()).toContain("the effect e_cartoonify");
});

it("prevents scripts in an uploaded SVG", async () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"><script>alert(1)</script></svg>',
  );
  const { secure_url } = await stack.upload(svg, { public_id: "scripted" });
  const response = await fetch(secure_url);
  expect(response.headers.get("content-type")).toBe("image/svg+xml");
  expect(response.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
});

it("answers a malformed address with 400, and serves nothing to a POST", async () => {
  expect((await fetch(address("%E0%A4%A.png"))).status).toBe(400);
  expect((await fetch(address("halves.png"), { method: "POST" })).status).toBe(404);
});
