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

describe("what a mail says first", () => {
  it.each<[string, object]>([
    ["2 formats of trailers/harbour are ready", eagerBody()],
    ["1 format of trailers/harbour is ready", eagerBody({ eager: [ready] })],
    ["1 of 2 formats of trailers/harbour failed", eagerBody({ eager: [ready, failed] })],
    ["1 of 1 format of trailers/harbour failed", eagerBody({ eager: [failed, { status: "pending" }] })],
    ["garden/watering-can was uploaded", uploadBody()],
    ["garden/watering-can was uploaded again", uploadBody({ existing: true })],
    [
      "garden/watering-can was uploaded and waits for a decision",
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
    ["reviews/knight waits for a decision", moderationBody("pending")],
    ["Moderation of reviews/knight ended as aborted", moderationBody("aborted")],
    [
      "The background of shoes was removed",
      infoBody("cloudinary_ai", "complete", { confidence_score: 0.95 }),
    ],
    ["Background removal of shoes failed", infoBody("cloudinary_ai", "failed")],
    [
      "2 tags found in shoes",
      infoBody("google_video_tagging", "complete", [{ tag: "boot" }, { tag: "sole" }, { tag: "boot" }]),
    ],
    ["aspose has finished with shoes", infoBody("aspose", "complete")],
    ["pond/carp was deleted", oldDeleteBody()],
    [
      "2 assets were deleted",
      { notification_type: "delete", resources: [{ public_id: "a" }, { public_id: "b" }] },
    ],
    [
      "shoes is now bg-removed/shoes",
      { notification_type: "rename", from_public_id: "shoes", to_public_id: "bg-removed/shoes" },
    ],
    [
      "The sprite logos is ready, of 1 picture",
      { notification_type: "sprite", public_id: "logos", image_infos: [{ url: `${at}/a` }] },
    ],
    ["2 pages of cat are ready", { notification_type: "explode", public_id: "cat", image_infos: [{}, {}] }],
    ["dance is ready", { notification_type: "multi", public_id: "dance" }],
    [
      "The archive all is ready, with 3 files",
      { notification_type: "generate_archive", public_id: "all", file_count: 3 },
    ],
    ["Cloudinary reports an error", { notification_type: "error", message: "no" }],
    [
      "Cloudinary reports resource tags changed: a",
      { notification_type: "resource_tags_changed", resources: [{ public_id: "a", added: ["x"] }] },
    ],
    ["Cloudinary reports teleported", { notification_type: "teleported" }],
    ["A notification without a type came in", { happened: "yes" }],
  ])("%s", async (subject, body) => {
    const mail = await mailAbout(body);
    expect(mail.subject).toBe(subject);
    expect(mail.lines[0]).toBe(subject);
  });
});

describe("a mail about eager transformations", () => {
  it("lists what is ready with links and sizes, what failed with the reason, and who asked for it", async () => {
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

describe("a mail about moderation", () => {
  it("says what was found, and leads to the board where there is something to decide", async () => {
    const rejected = await mailAbout(moderationBody("rejected"));
    expect(rejected.lines).toContain("Labels: Violence");
    expect(rejected.html).not.toContain("<img");
    await office.clear();
    const pending = await mailAbout(moderationBody("pending"));
    const [first, second] = pending.lines.filter((line) => line.startsWith("Open "));
    expect([first, second]).toEqual([
      "Open the moderation board: https://hooks.example.com/console/moderation",
      expect.stringContaining("Open the record: "),
    ]);
  });
});

it("a type of notification that cannot be read tells so, without its bytes", async () => {
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
