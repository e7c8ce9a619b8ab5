import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { hexId, oldDeleteBody, uploadBody } from "../../support/bodies.ts";
import { eagerBody, moderationBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

const at = "https://res.cloudinary.com/demo";
const failed = { transformation: "sp_hd", status: "failed", reason: "too long" };
const ready = {
  transformation: "w_9",
  secure_url: `${at}/image/upload/w_9/v2/a.jpg`,
  format: "jpg",
  width: 9,
  height: 6,
  bytes: 1_234,
};

function infoBody(info_kind: string, info_status: string, info_data: unknown = {}) {
  return {
    notification_type: "info",
    info_kind,
    info_status,
    info_data,
    asset_id: hexId(),
    public_id: "shoes",
    version: 1_772_449_197,
    secure_url: `${at}/image/upload/v1772449197/shoes.png`,
  };
}

async function mailAbout(body: object) {
  await office.arrive(body);
  await office.work({ options: { siteUrl: "https://hooks.example.com" }, email: { withJson: false } });
  const [mail] = office.mails();
  if (!mail) throw new Error("no mail came");
  return { ...mail, lines: (mail.text ?? "").split("\n") };
}

describe("the headline of a mail", () => {
  it.each<[string, object]>([
    ["2 formats of trailers/harbour are ready", eagerBody()],
    ["1 format of trailers/harbour is ready", eagerBody({ eager: [ready] })],
    ["1 of 2 formats of trailers/harbour failed", eagerBody({ eager: [ready, failed] })],
    ["1 of 1 format of trailers/harbour failed", eagerBody({ eager: [failed, { status: "pending" }] })],
    ["garden/watering-can was uploaded", uploadBody()],
    ["garden/watering-can was uploaded again", uploadBody({ existing: true })],
    [
      "garden/watering-can was uploaded and awaits a decision",
      uploadBody({ moderation: [{ kind: "manual", status: "pending" }] }),
    ],
    [
      "garden/watering-can was uploaded and rejected",
      uploadBody({ moderation: [{ kind: "aws_rek", status: "rejected" }] }),
    ],
    ["reviews/knight was approved by Amazon Rekognition", moderationBody("approved")],
    [
      "reviews/knight was rejected by manual moderation",
      moderationBody("rejected", { moderation_kind: "manual" }),
    ],
    ["reviews/knight awaits a decision", moderationBody("pending")],
    ["Moderation of reviews/knight ended with status aborted", moderationBody("aborted")],
    [
      "The background of shoes was removed",
      infoBody("cloudinary_ai", "complete", { confidence_score: 0.95 }),
    ],
    ["Background removal of shoes failed", infoBody("cloudinary_ai", "failed")],
    [
      "2 tags found in shoes",
      infoBody("google_video_tagging", "complete", [{ tag: "boot" }, { tag: "sole" }, { tag: "boot" }]),
    ],
    ["aspose finished processing shoes", infoBody("aspose", "complete")],
    ["pond/carp was deleted", oldDeleteBody()],
    [
      "2 assets were deleted",
      { notification_type: "delete", resources: [{ public_id: "a" }, { public_id: "b" }] },
    ],
    [
      "shoes was renamed to bg-removed/shoes",
      { notification_type: "rename", from_public_id: "shoes", to_public_id: "bg-removed/shoes" },
    ],
    [
      "The sprite logos is ready, with 1 picture",
      { notification_type: "sprite", public_id: "logos", image_infos: [{ url: `${at}/a` }] },
    ],
    ["2 pages of cat are ready", { notification_type: "explode", public_id: "cat", image_infos: [{}, {}] }],
    ["dance is ready", { notification_type: "multi", public_id: "dance" }],
    [
      "The archive all is ready, with 3 files",
      { notification_type: "generate_archive", public_id: "all", file_count: 3 },
    ],
    ["Cloudinary reported an error", { notification_type: "error", message: "no" }],
    [
      "The upload of shoes failed",
      { notification_type: "upload", public_id: "shoes", status: "failed", error: { message: "no" } },
    ],
    [
      "Tags of a changed",
      { notification_type: "resource_tags_changed", resources: [{ public_id: "a", added: ["x"] }] },
    ],
    [
      "Contextual metadata of a changed",
      { notification_type: "resource_context_changed", resources: { a: { added: { alt: "A" } } } },
    ],
    [
      "Structured metadata of 2 assets changed",
      { notification_type: "resource_metadata_changed", resources: { a: {}, b: {} } },
    ],
    [
      "The display name of a is now Jacket",
      {
        notification_type: "resource_display_name_changed",
        resources: { a: { new_display_name: "Jacket" } },
      },
    ],
    [
      "Display names of 2 assets changed",
      { notification_type: "resource_display_name_changed", resources: { a: {}, b: {} } },
    ],
    ["Access to a changed", { notification_type: "access_control_changed", resources: { a: {} } }],
    [
      "a was moved to the folder sea",
      { notification_type: "move", resources: { a: { to_asset_folder: "sea" } } },
    ],
    [
      "2 assets were moved to another folder",
      { notification_type: "move", resources: { a: { to_folder: "sea" }, b: { to_folder: "hills" } } },
    ],
    ["The folder sea was created", { notification_type: "create_folder", folder_path: "sea" }],
    ["The folder sea was deleted", { notification_type: "delete_folder", folder_path: "sea" }],
    [
      "The folder sea is now ocean",
      { notification_type: "move_or_rename_asset_folder", from_path: "sea", to_path: "ocean" },
    ],
    ["a was published", { notification_type: "publish", public_id: "a" }],
    ["An earlier version of a was restored", { notification_type: "restore_asset_version", public_id: "a" }],
    ["Related assets of a changed", { notification_type: "related_assets", public_id: "a", total_failed: 1 }],
    [
      "The proof Spring is now in review",
      {
        notification_type: "proof_status_changed",
        proof_id: "p",
        proof_name: "Spring",
        new_status: "in_review",
      },
    ],
    ["An analysis is complete", { notification_type: "analyze", task_id: "t" }],
    [
      "An analysis failed",
      { notification_type: "analyze", task_id: "t", error: { category: "quota", message: "too many" } },
    ],
    ["A refresh of fetched assets has finished", { notification_type: "bulk_refresh_auto_fetch" }],
    ["An invalidation on the custom CDN has finished", { notification_type: "invalidate_custom_cdn" }],
    ["A report is ready", { notification_type: "report" }],
    ["Cloudinary reported teleported", { notification_type: "teleported" }],
    ["A notification without a type was received", { happened: "yes" }],
  ])("%s", async (subject, body) => {
    const mail = await mailAbout(body);
    expect(mail.subject).toBe(subject);
    expect(mail.lines[0]).toBe(subject);
  });
});

describe("a mail about eager transformations", () => {
  it("lists ready formats with links and sizes, failures with reasons, and who triggered it", async () => {
    const { lines, html } = await mailAbout(eagerBody({ eager: [ready, failed] }));
    for (const line of [
      "- JPG, 9 × 6, 1.2 KB (w_9)",
      `  ${ready.secure_url}`,
      "- sp_hd: too long",
      "Triggered by: API key 614335564976464",
      "Happened at: 2 Mar 2026, 10:14 UTC",
    ])
      expect(lines).toContain(line);
    expect(html).toContain(`href="${ready.secure_url}"`);
    expect(html).toContain("too long");
  });

  it("links to its record in the console", async () => {
    const { lines, html } = await mailAbout(eagerBody());
    const { rows } = await office.db.query<{ id: string }>("select id from notifications");
    const url = `https://hooks.example.com/console/notifications/${rows[0]?.id}`;
    expect(lines).toContain(`Open the record: ${url}`);
    expect(html).toContain(`href="${url}"`);
  });
});

describe("a mail about changes", () => {
  it("lists what was added to and removed from one asset", async () => {
    const { lines } = await mailAbout({
      notification_type: "resource_tags_changed",
      resources: [{ public_id: "a", added: ["x", "y"], removed: ["z"] }],
    });
    expect(lines).toEqual(expect.arrayContaining(["Added: x, y", "Removed: z", "Public id: a"]));
  });

  it("lists previous and new values of several assets line by line", async () => {
    const { lines } = await mailAbout({
      notification_type: "access_control_changed",
      resources: {
        "clips/dive": {
          previous_access_control: [{ access_type: "token" }],
          new_access_control: [{ access_type: "anonymous", start: "2026-04-01T00:00:00Z" }],
        },
        "clips/dusk": { previous_access_control: [{ access_type: "anonymous" }], new_access_control: [] },
      },
    });
    const at = lines.indexOf(
      "Assets: clips/dive: before anyone with a token; now everyone from 1 Apr 2026, 00:00 UTC",
    );
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 1]?.trim()).toBe("clips/dusk: before everyone; now everyone");
  });

  it("names a new folder once", async () => {
    const { lines } = await mailAbout({
      notification_type: "move",
      resources: { a: { from_folder: "clips", to_folder: "sea" } },
    });
    expect(lines.filter((line) => line.endsWith(": sea") || line.endsWith(": clips"))).toEqual([
      "Before: clips",
      "Now: sea",
    ]);
  });

  it("lists at most twenty assets", async () => {
    const resources = Array.from({ length: 23 }, (_, n) => ({ public_id: `a${n}`, added: ["x"] }));
    const { lines } = await mailAbout({ notification_type: "resource_tags_changed", resources });
    expect(lines.filter((line) => line.endsWith(": added x"))).toHaveLength(20);
    expect(lines.map((line) => line.trim())).toContain("and 3 more");
  });
});

it("a mail about eager formats names the format of a streaming file, which its entry lacks", async () => {
  const url = `${at}/video/upload/sp_hd/v1772795530/clips/reel.mpd`;
  const { lines } = await mailAbout(
    eagerBody({
      public_id: "clips/reel",
      eager: [{ transformation: "sp_hd/mpd", secure_url: url, bytes: 1_500 }],
    }),
  );
  expect(lines).toContain("- MPD, 1.5 KB (sp_hd/mpd)");
});

it("a mail about an explode has the asset's name, which only the URLs of its pages contain", async () => {
  const { subject } = await mailAbout({
    notification_type: "explode",
    asset_id: hexId(),
    image_infos: [1, 2].map((page) => ({
      secure_url: `${at}/image/upload/pg_${page}/v1773116000/books/cat.png`,
    })),
  });
  expect(subject).toBe("2 pages of books/cat are ready");
});

describe("a mail about moderation", () => {
  it("lists the findings, and links to the board when a decision is needed", async () => {
    const rejected = await mailAbout(moderationBody("rejected"));
    expect(rejected.lines).toContain("Labels: Violence");
    expect(rejected.html).not.toContain("<img");
    for (const body of [
      moderationBody("pending"),
      uploadBody({ moderation: [{ kind: "manual", status: "pending" }] }),
    ]) {
      await office.clear();
      const pending = await mailAbout(body);
      expect(pending.lines.filter((line) => line.startsWith("Open "))).toEqual([
        "Open the moderation board: https://hooks.example.com/console/moderation",
        expect.stringContaining("Open the record: "),
        expect.stringMatching(
          /^Open in Cloudinary: https:\/\/cloudinary\.com\/console\/media_library\/asset\/image\/upload\//,
        ),
      ]);
    }
  });
});

it("an unreadable notification is reported without its bytes", async () => {
  const { id } = await recordBytes("{broken");
  await office.work();
  expect(await office.delivery(id)).toMatchObject({ state: "done" });
  expect(office.mails()[0]?.subject).toBe("A signed notification could not be read");
});

async function recordBytes(text: string): Promise<{ id: string }> {
  const { rows } = await office.db.query<{ id: string }>(
    `with n as (insert into notifications (identity, body_sha256, type, body) values ('x', 'x', 'unreadable', $1::bytea) returning id),
     d as (insert into deliveries (notification_id, handler) select id, 'email' from n)
     select id from n`,
    [Buffer.from(text)],
  );
  const [row] = rows;
  if (!row) throw new Error("nothing was recorded");
  return row;
}
