import { describe, expect, it } from "vitest";
import {
  type DeliveryUrl,
  joinDeliveryUrl,
  splitDeliveryUrl,
} from "../../../src/lib/cloudinary/delivery-url.ts";
import { fc } from "../../support/fast-check.ts";

const host = "https://res.cloudinary.com/orchard";

describe("splitDeliveryUrl", () => {
  it("reads every part", () => {
    const url = `${host}/video/authenticated/s--aB3_xY-9--/c_fill,w_100/f_auto/v1772619630/a/b%20c.d.mp4?_a=AX`;
    expect(splitDeliveryUrl(url, "a/b c.d")).toEqual({
      origin: "https://res.cloudinary.com",
      cloud: "orchard",
      resource_type: "video",
      type: "authenticated",
      signature: "aB3_xY-9",
      transformation: "c_fill,w_100/f_auto",
      version: 1772619630,
      public_id: "a/b c.d",
      format: "mp4",
    });
  });

  it.each([
    [
      "a folder named like a version",
      "image/upload/v1772619630/v12/deer.jpg",
      "v12/deer",
      1772619630,
      undefined,
    ],
    [
      "a folder named like a version and no version",
      "image/upload/v12/deer.jpg",
      "v12/deer",
      undefined,
      undefined,
    ],
    ["the same URL for a file at the top", "image/upload/v12/deer.jpg", "deer", 12, undefined],
    ["a public id named like a version", "image/upload/v5/v12", "v12", 5, undefined],
    ["a folder named like a transformation", "image/upload/w_1/v5/w_1/deer.jpg", "w_1/deer", 5, "w_1"],
    [
      "a transformation, then such a folder, no version",
      "image/upload/w_1/w_1/deer.jpg",
      "w_1/deer",
      undefined,
      "w_1",
    ],
    [
      "a public id that repeats itself",
      "image/upload/v5/deer/deer/deer.deer",
      "deer/deer/deer",
      5,
      undefined,
    ],
    ["a name whose format is its end", "image/upload/v5/a.a", "a", 5, undefined],
    [
      "an encoded slash",
      "image/fetch/w_1/https%3A%2F%2Fexample.com%2Fa%20b.jpg",
      "https://example.com/a b.jpg",
      undefined,
      "w_1",
    ],
    [
      "a fetched address as it is",
      "image/fetch/w_1/https://example.com/a.jpg",
      "https://example.com/a.jpg",
      undefined,
      "w_1",
    ],
    ["a percent sign that is the name's own", "image/upload/v5/100%25.png", "100%", 5, undefined],
    ["a percent sign that encodes nothing", "image/upload/v5/100%.png", "100%", 5, undefined],
    ["letters beyond ASCII, in either form", "image/upload/v5/m%C3%BCll/mü.png", "müll/mü", 5, undefined],
    ["a raw file", "raw/upload/v5/report.csv", "report.csv", 5, undefined],
    ["a streaming format", "video/upload/sp_full_hd/v5/clip.m3u8", "clip", 5, "sp_full_hd"],
  ])("tells apart %s", (_, path, publicId, version, transformation) => {
    const parts = splitDeliveryUrl(`${host}/${path}`, publicId);
    expect(parts).toMatchObject({ cloud: "orchard", public_id: publicId });
    expect([parts?.version, parts?.transformation]).toEqual([version, transformation]);
  });

  it.each([
    ["a private host", "https://orchard-res.cloudinary.com/image/upload/v5/deer.jpg", "orchard"],
    ["a numbered host", "https://res-3.cloudinary.com/orchard/image/upload/v5/deer.jpg", "orchard"],
    ["a host of one's own", "https://img.example.com/image/upload/v5/deer.jpg", undefined],
    [
      "a host of one's own with the cloud",
      "http://127.0.0.1:8080/orchard/image/upload/v5/deer.jpg",
      "orchard",
    ],
    [
      "a cloud named like a resource type",
      "https://res.cloudinary.com/image/image/upload/v5/deer.jpg",
      "image",
    ],
  ])("finds the cloud on %s", (_, url, cloud) => {
    const parts = splitDeliveryUrl(url, "deer");
    expect(parts).toMatchObject({ resource_type: "image", type: "upload", version: 5, format: "jpg" });
    expect(parts?.cloud).toBe(cloud);
    expect(parts && joinDeliveryUrl(parts)).toBe(url);
  });

  it.each([
    ["no URL", "deer.jpg"],
    ["another scheme", "ftp://res.cloudinary.com/orchard/image/upload/v5/deer.jpg"],
    ["no resource type", `${host}/upload/v5/deer.jpg`],
    ["another asset", `${host}/image/upload/v5/reindeer.jpg`],
    ["another asset, without a version", `${host}/image/upload/reindeer.jpg`],
    ["an asset in a folder with a longer name", `${host}/image/upload/v5/deer.d/x`],
    ["an asset in a folder", `${host}/image/upload/v5/woods/deer.jpg`],
    ["an asset with a longer name", `${host}/image/upload/v5/deer.park.jpg`],
    ["nothing", ""],
  ])("is null for %s", (_, url) => {
    expect(splitDeliveryUrl(`${host}/image/upload/v5/deer.jpg`, "deer")).not.toBeNull();
    expect(splitDeliveryUrl(url, "deer")).toBeNull();
  });

  it("uses the first version if the public id is unknown", () => {
    expect(splitDeliveryUrl(`${host}/image/upload/pg_2/v5/v12/deer.jpg`)).toMatchObject({
      transformation: "pg_2",
      version: 5,
      public_id: "v12/deer",
      format: "jpg",
    });
    expect(splitDeliveryUrl(`${host}/raw/upload/v5/report.csv`)).toMatchObject({ public_id: "report.csv" });
    expect(splitDeliveryUrl(`${host}/image/upload/deer.jpg`)).toBeNull();
    expect(splitDeliveryUrl(`${host}/image/upload/v5/`)).toBeNull();
  });
});

describe("joinDeliveryUrl", () => {
  it("builds a URL from a public id with a lone surrogate", () => {
    const parts = splitDeliveryUrl(`${host}/image/upload/v5/deer.jpg`, "deer");
    if (parts === null) throw new Error("not taken apart");
    expect(joinDeliveryUrl({ ...parts, public_id: "a\ud800" })).toBe(
      `${host}/image/upload/v5/a%EF%BF%BD.jpg`,
    );
  });
});

const segment = fc
  .oneof(
    fc.constantFrom(
      "v12",
      "v1772619630",
      "w_100",
      "image",
      "upload",
      "a b",
      "50%",
      "50%25",
      "ü",
      "a.b",
      "what?",
      "no#1",
      "a+b&c",
    ),
    fc.string({ minLength: 1, maxLength: 8, unit: "grapheme" }),
  )
  .filter((text) => !text.includes("/") && text.isWellFormed() && !/^s--/.test(text));

const urlParts: fc.Arbitrary<DeliveryUrl> = fc.record(
  {
    origin: fc.constant("https://res.cloudinary.com"),
    cloud: fc.stringMatching(/^[a-z][a-z0-9-]{2,10}$/),
    resource_type: fc.constantFrom("image", "video", "raw"),
    type: fc.constantFrom("upload", "private", "authenticated", "fetch", "sprite", "multi"),
    signature: fc.stringMatching(/^[A-Za-z0-9_-]{8}$/),
    transformation: fc
      .array(fc.constantFrom("w_100,h_100", "c_fill", "l_logos:mark", "t_named", "e_art:zorro", "f_webp"), {
        minLength: 1,
        maxLength: 3,
      })
      .map((steps) => steps.join("/")),
    version: fc.integer({ min: 1, max: 10_000_000_000 }),
    public_id: fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join("/")),
    format: fc.constantFrom("jpg", "webp", "m3u8", "v12"),
  },
  { requiredKeys: ["origin", "cloud", "resource_type", "type", "public_id"] },
);

describe("any delivery URL", () => {
  it("is split into its original parts", () => {
    fc.assert(
      fc.property(urlParts, (parts) => {
        expect(splitDeliveryUrl(joinDeliveryUrl(parts), parts.public_id)).toEqual(parts);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is parsed without the public id if it has a version and a format", () => {
    const versioned = urlParts.filter(
      (parts) => parts.version !== undefined && parts.format !== undefined && parts.resource_type !== "raw",
    );
    fc.assert(
      fc.property(versioned, (parts) => {
        expect(splitDeliveryUrl(joinDeliveryUrl(parts))).toEqual(parts);
      }),
    );
  });

  it("is never parsed as the URL of a shorter public id", () => {
    const versioned = urlParts.filter(
      (parts) => parts.version !== undefined && parts.public_id.includes("/"),
    );
    fc.assert(
      fc.property(versioned, (parts) => {
        const shorter = parts.public_id.slice(parts.public_id.indexOf("/") + 1);
        const read = splitDeliveryUrl(joinDeliveryUrl(parts), shorter);
        expect(read === null || /^v\d+\//.test(parts.public_id)).toBe(true);
      }),
    );
  });

  it("is parsed quickly at any length", () => {
    const long = `${host}/image/upload/${"%2F/v1".repeat(200_000)}`;
    const start = performance.now();
    splitDeliveryUrl(long, `${"x/".repeat(200_000)}x`);
    splitDeliveryUrl(long, "x");
    splitDeliveryUrl(long);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
