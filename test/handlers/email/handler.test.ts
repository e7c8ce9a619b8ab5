import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eagerBody, moderationBody } from "./bodies.ts";
import { apiKey, type DeliverChanges, type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

describe("a mail", () => {
  it("goes to each recipient separately in one request, and its delivery is done with masked recipients", async () => {
    const id = await office.arrive(eagerBody());
    await office.work();

    expect(office.mails().map(({ to }) => to)).toEqual([
      [{ email: "ada@example.com" }],
      [{ email: "grace@example.org" }],
    ]);
    expect(office.requests).toHaveLength(1);
    const delivery = await office.delivery(id);
    expect(delivery).toMatchObject({
      state: "done",
      attempts: 1,
      result: {
        accepted: ["a…@example.com", "g…@example.org"],
        refused: [],
        messageIds: [office.mails()[0]?.messageId],
      },
    });
    expect(delivery.sending_at).not.toBeNull();
    expect(delivery.subject).toMatch(/^to:[0-9a-f]{32}$/);
  });

  it("contains the delivery's id in searchable fields, and disables tracking", async () => {
    const id = await office.arrive(eagerBody());
    await office.work();
    const { id: deliveryId } = await office.delivery(id);
    const [request] = office.requests;
    expect(request?.authorization).toBe(`Bearer ${apiKey}`);
    expect(request?.personalizations.map(({ custom_args }) => custom_args)).toEqual([
      { delivery_id: deliveryId },
      { delivery_id: deliveryId },
    ]);
    expect(request?.headers).toEqual({
      "Auto-Submitted": "auto-generated",
      "X-Entity-Ref-ID": deliveryId,
    });
    expect(request?.tracking_settings).toEqual({
      click_tracking: { enable: false, enable_text: false },
      open_tracking: { enable: false },
      subscription_tracking: { enable: false },
    });
    expect(request?.content.map(({ type }) => type)).toEqual(["text/plain", "text/html"]);
    expect(request?.mail_settings).toBeUndefined();
  });

  it.each([
    [
      "Cloudinary reported an error: products/ERR-1",
      { notification_type: "error", public_id: "products/ERR-1" },
    ],
    [
      "The upload of products/ERR-2 failed",
      { notification_type: "upload", status: "failed", public_id: "products/ERR-2" },
    ],
  ])("says that an upload failed, and why: %s", async (headline, body) => {
    await office.arrive({ ...body, error: { message: "File size too large. Got 120000000." } });
    await office.work();
    expect(office.requests).toHaveLength(1);
    const [text, html] = office.requests[0]?.content ?? [];
    for (const part of [text, html]) expect(part?.value).toContain("File size too large. Got 120000000.");
    expect(text?.value).toContain(headline);
  });

  it("is sent once, however often the worker runs", async () => {
    await office.arrive(eagerBody());
    await office.work();
    await office.work();
    expect(office.requests).toHaveLength(1);
  });

  it("shares one client with concurrent mails without mixing recipients", async () => {
    const folders = ["north", "east", "south", "west"];
    const rules = folders.map((folder) => ({ folder, to: [`${folder}@example.com`] }));
    for (const folder of folders) await office.arrive(eagerBody({ public_id: `${folder}/harbour` }));
    await office.work({ email: { rules } });
    expect(
      office
        .mails()
        .map(({ to, subject }) => `${to[0]?.email} ${subject}`)
        .sort(),
    ).toEqual(
      folders.map((folder) => `${folder}@example.com 2 formats of ${folder}/harbour are ready`).sort(),
    );
  });

  it("from a preview is validated by SendGrid but not delivered", async () => {
    const id = await office.arrive(eagerBody());
    await office.work({ options: { sandbox: true } });
    expect(office.requests[0]?.mail_settings).toEqual({ sandbox_mode: { enable: true } });
    expect(office.mails()).toEqual([]);
    expect(await office.delivery(id)).toMatchObject({ state: "done", result: { sandbox: true } });
  });
});

describe("no mail is sent", () => {
  it.each<[string, DeliverChanges, object, string]>([
    ["without an account", { account: null }, eagerBody(), "no-recipients"],
    ["without a recipient", { account: { to: [] } }, eagerBody(), "no-recipients"],
    [
      "where a rule says so",
      { email: { rules: [{ types: ["eager"], send: false }] } },
      eagerBody(),
      "not-wanted",
    ],
    [
      "while every format is still being made",
      {},
      eagerBody({ eager: [{ status: "processing", transformation: "w_1" }] }),
      "nothing-to-report",
    ],
    ["while a moderation waits for its turn", {}, moderationBody("queued"), "nothing-to-report"],
  ])("%s", async (_name, changes, body, reason) => {
    const id = await office.arrive(body);
    await office.work(changes);
    expect(office.requests).toEqual([]);
    expect(await office.delivery(id)).toMatchObject({
      state: "skipped",
      last_error: reason,
      sending_at: null,
    });
  });
});

describe("a mail that requests a decision", () => {
  it("is sent while the decision is pending, but not after it was made", async () => {
    const about = { asset_id: "e".repeat(32), moderation_kind: "manual" };
    const late = await office.arrive(moderationBody("pending", about));
    await office.arrive(
      moderationBody("approved", { ...about, moderation_updated_at: "2026-03-02T11:00:00Z" }),
    );
    const open = await office.arrive(
      moderationBody("pending", { ...about, moderation_updated_at: "2026-03-02T12:00:00Z" }),
    );
    await office.work();
    expect(await office.delivery(late)).toMatchObject({ state: "skipped", last_error: "already-decided" });
    expect(await office.delivery(open)).toMatchObject({ state: "done" });
  });
});
