import { describe, expect, it } from "vitest";
import { bytesOf, fixtureBytes, fixtureJson, parsed, parsedAs } from "./fixtures.ts";

describe("outcomes", () => {
  it("X15 distinguishes an existing asset and a placeholder from a new upload", () => {
    expect(parsedAs("upload", fixtureBytes("upload"))).toMatchObject({ existing: false, placeholder: false });
    expect(parsedAs("upload", fixtureBytes("upload.existing-approved"))).toMatchObject({
      existing: true,
      placeholder: false,
    });
    expect(parsedAs("upload", fixtureBytes("upload.rejected-placeholder"))).toMatchObject({
      existing: false,
      placeholder: true,
    });
  });

  it("X15 reads each derivative as ready, failed with its reason, or still processing", () => {
    const { derived } = parsedAs("eager", fixtureBytes("eager.partly-failed"));
    expect(derived).toMatchObject([
      { kind: "failed", transformation: "sp_full_hd/m3u8", reason: "Unsupported video format or file" },
      {
        kind: "ready",
        transformation: "so_1/jpg",
        version: 1772795530,
        width: 640,
        height: 360,
        bytes: 20480,
      },
      { kind: "ready", transformation: "sp_hd/mpd", version: 1772795530, bytes: 1534 },
      { kind: "processing", transformation: "e_preview/mp4" },
    ]);
    expect(derived[2]).not.toHaveProperty("width");
    expect(derived[1]).toMatchObject({
      parts: {
        cloud: "orchard",
        resource_type: "video",
        transformation: "so_1",
        public_id: "clips/broken reel",
        format: "jpg",
      },
    });
  });

  it("X15 never reads a failed entry, or one without a URL, as ready", () => {
    const [entry] = fixtureJson("eager").eager;
    const body = {
      ...fixtureJson("eager"),
      eager: [
        { ...entry, status: "failed" },
        { transformation: "w_2", secure_url: null },
      ],
    };
    expect(parsedAs("eager", bytesOf(body)).derived).toEqual([
      { kind: "failed", transformation: "c_fill,h_1000,w_1000", reason: "no reason given" },
      { kind: "failed", transformation: "w_2", reason: "no reason given" },
    ]);
  });

  it("takes the transformation from the URL if the entry lacks it", () => {
    const [entry] = fixtureJson("eager").eager;
    const body = { ...fixtureJson("eager"), eager: [{ ...entry, transformation: undefined }] };
    expect(parsedAs("eager", bytesOf(body)).derived).toMatchObject([
      { transformation: "c_fill,h_1000,w_1000" },
    ]);
  });

  it("reads derivatives that an upload generated synchronously", () => {
    expect(parsedAs("upload", fixtureBytes("upload.old")).derived).toMatchObject([
      {
        kind: "ready",
        version: 1417727468,
        parts: { public_id: "v12/w_100/porch light", transformation: "c_fill,h_75,w_75" },
      },
    ]);
  });

  it("X15 reads add-on results by kind, and failures", () => {
    expect(parsedAs("info", fixtureBytes("info")).info).toEqual({
      kind: "cloudinary_ai",
      status: "complete",
      hints: ["product"],
      fineEdges: true,
      confidence: 0.9137512847361527,
    });
    expect(parsedAs("info", fixtureBytes("info.failed")).info).toEqual({
      kind: "cloudinary_ai",
      status: "failed",
      hints: [],
      fineEdges: false,
    });
    expect(parsedAs("info", fixtureBytes("info.video-tagging")).info).toMatchObject({
      kind: "google_video_tagging",
      tags: [
        { tag: "sea", categories: ["nature", "water"], confidence: 0.91, startSeconds: 0, endSeconds: 12.5 },
        { tag: "diving", startSeconds: 3.2, endSeconds: 9.1 },
      ],
    });
    expect(parsedAs("info", fixtureBytes("info.other-kind")).info).toEqual({
      kind: "other",
      name: "aspose",
      status: "complete",
      data: { pages: 3 },
    });
  });

  it("uses the last part of the path as the folder name if there is none", () => {
    const body = { notification_type: "create_folder", folder_path: "products/SH-1" };
    expect(parsed(bytesOf(body))).toMatchObject({ folder: { path: "products/SH-1", name: "SH-1" } });
  });

  it("reads `image_infos` as list and as object to one list", () => {
    expect(parsedAs("explode", fixtureBytes("explode")).images).toEqual([
      {
        url: "https://res.cloudinary.com/orchard/image/upload/pg_1/v1773100000/loops/spin.png",
        width: 400,
        height: 300,
        bytes: 15000,
      },
      {
        url: "https://res.cloudinary.com/orchard/image/upload/pg_2/v1773100000/loops/spin.png",
        width: 400,
        height: 300,
        bytes: 15200,
      },
    ]);
    expect(parsedAs("sprite", fixtureBytes("sprite"))).toMatchObject({
      assets: [{ public_id: "9a0c", resource_type: "image", type: "sprite", version: 1773110000 }],
      images: [
        {
          url: "http://res.cloudinary.com/orchard/image/upload/v1/icons/cart.png",
          width: 64,
          height: 64,
          x: 0,
          y: 0,
        },
        {
          url: "http://res.cloudinary.com/orchard/image/upload/v1/icons/star.png",
          width: 64,
          height: 48,
          x: 0,
          y: 66,
        },
      ],
      links: {
        image: "https://res.cloudinary.com/orchard/image/sprite/v1773110000/9a0c.png",
        css: "https://res.cloudinary.com/orchard/image/sprite/v1773110000/9a0c.css",
        json: "https://res.cloudinary.com/orchard/image/sprite/v1773110000/9a0c.json",
      },
    });
  });

  it("reads folders, relations, approvals, analyses and errors", () => {
    expect(parsed(fixtureBytes("create_folder"))).toMatchObject({
      folder: { path: "products/SH-1", name: "SH-1" },
      assets: [],
    });
    expect(parsed(fixtureBytes("delete_folder"))).toMatchObject({
      folder: { path: "drafts", name: "drafts" },
    });
    expect(parsed(fixtureBytes("move_or_rename_asset_folder"))).toMatchObject({
      from: "products/SH-1",
      to: "archive/SH-1",
    });
    expect(parsed(fixtureBytes("related_assets"))).toMatchObject({ action: "add", succeeded: 2, failed: 0 });
    expect(parsed(fixtureBytes("proof_status_changed"))).toMatchObject({
      proof: { id: "prf_41", previous: "in_review", next: "approved", reviewer: "A reviewer" },
      assets: [{ public_id: "products/AB-100/front" }],
    });
    expect(parsed(fixtureBytes("analyze"))).toMatchObject({
      data: { analysis: { tags: ["jacket"] } },
      error: undefined,
    });
    expect(parsed(fixtureBytes("analyze.failed"))).toMatchObject({
      error: { category: "rate_limit_error" },
      data: undefined,
    });
    expect(parsed(fixtureBytes("error"))).toMatchObject({
      message: "Resource not found",
      assets: [{ public_id: "drafts/two" }],
    });
    expect(parsed(bytesOf({ notification_type: "error", reason: "gone" }))).toMatchObject({
      message: "gone",
    });
    expect(parsed(fixtureBytes("generate_archive"))).toMatchObject({
      files: 14,
      resources: 12,
      assets: [{ resource_type: "raw" }],
    });
  });
});
