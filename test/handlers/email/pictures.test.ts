import { v2 as cloudinary } from "cloudinary";
import { describe, expect, it } from "vitest";
import { compose } from "../../../src/handlers/email/compose/compose.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { uploadBody } from "../../support/bodies.ts";
import { composing, eagerBody, moderationBody } from "./bodies.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: "t3st-Secret_of-27-characters" };

interface Shown {
  src: string;
  href: string;
  width: number;
}

/** What the mail about a body shows, read from its HTML. */
function shown(body: object, cloudinaryAccount: typeof account | null = null): Shown | null {
  const parsed = parse(Buffer.from(JSON.stringify(body)), null);
  if (!parsed.ok) throw new Error("the body does not fit its schema");
  const mail = compose(
    {
      id: "n",
      receivedAt: new Date(0),
      signedAt: null,
      source: "webhook",
      cloud: null,
      byPublicHook: false,
      content: parsed.notification,
    },
    {
      siteUrl: null,
      cloudOf: () => ({
        cloudinary: cloudinaryAccount,
        own: { cloudName: null, hosts: [] },
        shownName: null,
      }),
      ...composing(false),
      subject: null,
    },
  );
  const [, href = "", src = "", width = ""] =
    /<a href="([^"]*)"[^>]*><img src="([^"]*)"[^>]* width="(\d+)"/.exec(mail?.html ?? "") ?? [];
  return src === "" ? null : { src: unescaped(src), href: unescaped(href), width: Number(width) };
}

const unescaped = (html: string) =>
  html.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code)));

const at = "https://res.cloudinary.com/demo";

describe("the picture of a mail", () => {
  it("is a JPEG of the asset, at most as wide as the asset", () => {
    expect(shown(uploadBody({ width: 400, height: 300 }))).toEqual({
      src: `${at}/image/upload/c_limit,f_jpg,h_1280,q_auto:good,w_1072/v1760000123/garden/watering-can.jpg`,
      href: `${at}/image/upload/v1760000123/garden/watering-can.jpg`,
      width: 400,
    });
  });

  it.each([
    [4_000, 3_000, 536],
    [3_000, 9_000, 213],
    [1, 1, 1],
  ])("of %i × %i is %i wide", (width, height, expected) => {
    expect(shown(uploadBody({ width, height }))?.width).toBe(expected);
  });

  it("shows the derived asset with its transformation", () => {
    const secure_url = `${at}/image/upload/l_logo,w_400/v1760000123/garden/watering-can.png`;
    const eager = [{ transformation: "l_logo,w_400", secure_url, width: 400, height: 300 }];
    expect(shown(eagerBody({ public_id: "garden/watering-can", eager }))?.src).toBe(
      `${at}/image/upload/l_logo,w_400/c_limit,f_jpg,h_1280,q_auto:good,w_1072/v1760000123/garden/watering-can.jpg`,
    );
  });

  it("of a video is a frame of the original, and links to the video", () => {
    expect(shown(eagerBody())).toEqual({
      src: `${at}/video/upload/c_limit,f_jpg,h_1280,q_auto:good,w_1072/v1772446500/trailers/harbour.jpg`,
      href: `${at}/video/upload/f_mp4,q_auto,w_960/v1772446500/trailers/harbour.mp4`,
      width: 536,
    });
  });

  it("is blurred while undecided", () => {
    expect(shown(moderationBody("pending"))?.src).toContain("/e_blur:2000/");
    expect(shown(uploadBody({ moderation: [{ kind: "manual", status: "pending" }] }))?.src).toContain(
      "/e_blur:2000/",
    );
    expect(shown(moderationBody("approved"))?.src).not.toContain("e_blur");
  });

  it.each<[string, object]>([
    ["what was rejected", moderationBody("rejected")],
    [
      "an upload that was rejected at once",
      uploadBody({ moderation: [{ kind: "aws_rek", status: "rejected" }] }),
    ],
    [
      "what was approved and was not public, which may be renamed",
      moderationBody("approved", {
        secure_url: `${at}/image/authenticated/s--7m6rgFYt--/v1772449197/reviews/knight.png`,
      }),
    ],
    ["a placeholder", uploadBody({ placeholder: true })],
    ["a raw file", uploadBody({ resource_type: "raw", secure_url: `${at}/raw/upload/v1/a.zip` })],
    [
      "sound",
      uploadBody({
        resource_type: "video",
        public_id: "song",
        secure_url: `${at}/video/upload/v1760000123/song.mp3`,
      }),
    ],
  ])("is left out for %s", (_name, body) => {
    expect(shown(body, account)).toBeNull();
  });
});

describe("the picture of an asset that is not public", () => {
  const publicId = "ai/éléphants & co";
  const closed = (secure_url: string) => moderationBody("pending", { secure_url, public_id: publicId });
  const options = {
    type: "authenticated",
    version: 1_663_107_297,
    format: "jpg",
    secure: true,
    urlAnalytics: false,
    cloud_name: "demo",
    api_secret: account.apiSecret,
  };
  const steps = "e_blur:2000/b_rgb:e3e8ee,c_pad,f_jpg,h_804,q_auto:good,w_1072";

  it.each([
    ["sha1", {}],
    ["sha256, short", { signature_algorithm: "sha256" }],
    ["sha256, long", { long_url_signature: true }],
  ])("has a signed address, as the SDK signs it with %s", (_name, scheme) => {
    const original = cloudinary.url(publicId, { ...options, ...scheme, format: "png", sign_url: true });
    expect(original).toMatch(/\/s--[\w-]+--\//);
    const signed = cloudinary.url(publicId, {
      ...options,
      ...scheme,
      sign_url: true,
      raw_transformation: steps,
    });
    expect(shown(closed(original), account)?.src).toBe(signed);
  });

  it("is not shown without a key to sign with, or with another cloud's", () => {
    const original = cloudinary.url(publicId, { ...options, format: "png", sign_url: true });
    expect(shown(closed(original))).toBeNull();
    expect(shown(closed(original), { ...account, cloudName: "elsewhere" })).toBeNull();
  });
});
