import { describe, expect, it } from "vitest";
import { bytesOf, fixtureBytes, fixtureJson, meaning, parsed, parsedAs } from "./fixtures.ts";

describe("assets", () => {
  it("X11 creates one asset for each resource of a delete without a time", () => {
    const { assets, requestId, occurredAt } = parsedAs("delete", fixtureBytes("delete"));
    expect(
      assets.map(({ public_id, resource_type, type, version }) => [public_id, resource_type, type, version]),
    ).toEqual([
      ["products/AB-100/front", "image", "upload", 1772619630],
      ["clips/dusk", "video", "authenticated", 1772870660],
      ["papers/memo.docx", "raw", "private", 1772982000],
    ]);
    expect(requestId).toBeUndefined();
    expect(occurredAt).toEqual(new Date("2026-03-09T16:17:18.900Z"));
  });

  it("X12 reads `resources` as a list and as an object to the same", () => {
    const list = fixtureJson("resource_tags_changed");
    const byId = Object.fromEntries(
      list.resources.map(({ public_id, ...rest }: { public_id: string }) => [public_id, rest]),
    );
    const map = { ...list, resources: byId };
    expect(meaning(parsed(bytesOf(map)))).toEqual(meaning(parsed(bytesOf(list))));
    expect(parsed(bytesOf(map)).assets).toHaveLength(2);
  });

  it("takes the identity of an asset without asset_id from its URL, folders like `v7` and encoding included", () => {
    expect(parsed(fixtureBytes("moderation.no-asset-id")).assets).toMatchObject([
      {
        identity: "image/upload/v7/müller & söhne",
        resource_type: "image",
        type: "upload",
        version: 1591012770,
      },
    ]);
    expect(parsed(fixtureBytes("upload.old")).assets).toMatchObject([
      { identity: "image/upload/v12/w_100/porch light", version: 1417727468 },
    ]);
    expect(parsed(fixtureBytes("eager.no-asset-id")).assets).toMatchObject([
      { identity: "image/private/hats/straw", version: 1580702705 },
    ]);
    expect(parsed(fixtureBytes("upload")).assets[0]?.identity).toBe(fixtureJson("upload").asset_id);
  });

  it("uses the first derivative with a URL, secure or not", () => {
    const path = "res.cloudinary.com/orchard/image/private/w_1/v1772619630/deer.jpg";
    for (const made of [{ secure_url: `https://${path}` }, { url: `http://${path}` }]) {
      const body = { notification_type: "eager", public_id: "deer", eager: [{ status: "failed" }, made] };
      expect(parsed(bytesOf(body)).assets).toMatchObject([
        { identity: "image/private/deer", version: 1772619630 },
      ]);
    }
  });

  it("omits values that neither the body nor the URL contains", () => {
    const body = {
      ...fixtureJson("eager"),
      asset_id: null,
      eager: [{ transformation: "w_1", status: "failed" }],
    };
    expect(parsed(bytesOf(body)).assets).toEqual([
      { identity: "//products/AB-100/front", public_id: "products/AB-100/front" },
    ]);
  });

  it("does not take the `v1` of a URL for a version", () => {
    const body = fixtureJson("multi");
    const url = "https://res.cloudinary.com/orchard/image/multi/v1/walk.gif";
    const [asset] = parsed(bytesOf({ ...body, version: undefined, secure_url: url })).assets;
    expect(asset).toMatchObject({ type: "multi" });
    expect(asset).not.toHaveProperty("version");
  });

  it("reads a version that is a string", () => {
    expect(parsed(bytesOf({ ...fixtureJson("upload"), version: "1772619630" })).assets[0]?.version).toBe(
      1772619630,
    );
  });

  it("reads the folder in both folder modes", () => {
    expect(parsed(fixtureBytes("upload")).assets[0]?.asset_folder).toBe("products/AB-100");
    expect(parsed(fixtureBytes("upload.existing-approved")).assets[0]?.asset_folder).toBe("clips");
  });

  it("X13 reads context as object, text, list and null into one flat form", () => {
    const flat = { alt: "Oak | pine", "a=b": "", size: "7" };
    const shapes: unknown[] = [
      { custom: { alt: "Oak | pine", "a=b": null, size: 7 } },
      { alt: "Oak | pine", "a=b": null, size: 7 },
      "alt=Oak \\| pine|a\\=b|size=7",
      [
        { name: "alt", value: "Oak | pine" },
        { name: "a=b", value: "" },
        { key: "size", value: 7 },
      ],
    ];
    for (const context of shapes) {
      const [asset] = parsed(bytesOf({ ...fixtureJson("upload"), context })).assets;
      expect({ ...asset?.context }).toEqual(flat);
    }
    for (const context of [null, {}, "", { custom: null }]) {
      const [asset] = parsed(bytesOf({ ...fixtureJson("upload"), context })).assets;
      expect(Object.entries(asset?.context ?? { absent: "" })).toEqual([]);
    }
    expect(parsed(bytesOf({ ...fixtureJson("upload"), context: undefined })).assets[0]).not.toHaveProperty(
      "context",
    );
  });

  it("splits a pair at its first equals sign", () => {
    const [asset] = parsed(bytesOf({ ...fixtureJson("upload"), context: "sum=1+1=2|=x|alone" })).assets;
    expect({ ...asset?.context }).toEqual({ sum: "1+1=2", alone: "" });
  });

  it("reads null tags as none, and absent tags as unknown", () => {
    expect(parsed(bytesOf({ ...fixtureJson("upload"), tags: null })).assets[0]?.tags).toEqual([]);
    expect(parsed(bytesOf({ ...fixtureJson("upload"), tags: undefined })).assets[0]).not.toHaveProperty(
      "tags",
    );
  });

  it("reads structured metadata as object and list into one form", () => {
    expect({ ...parsed(fixtureBytes("upload")).assets[0]?.metadata }).toEqual({
      sku: "AB-100",
      season: ["aw26"],
    });
    expect({ ...parsed(fixtureBytes("upload.context-as-text")).assets[0]?.metadata }).toEqual({
      sku: "GB-7",
      season: "spring",
    });
    const emptied = [{ external_id: "sku", type: "string" }];
    expect({
      ...parsed(bytesOf({ ...fixtureJson("upload"), metadata: emptied })).assets[0]?.metadata,
    }).toEqual({
      sku: null,
    });
  });

  it("gives a renamed asset its new public id", () => {
    expect(parsedAs("rename", fixtureBytes("rename"))).toMatchObject({
      from: "studio/shoe",
      to: "bg-removed/shoe",
      assets: [{ public_id: "bg-removed/shoe", type: "upload" }],
    });
  });
});
