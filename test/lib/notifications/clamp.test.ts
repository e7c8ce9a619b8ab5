import { describe, expect, it } from "vitest";
import { parse } from "../../../src/lib/notifications/parse.ts";

const latest = new Date("2026-10-09T12:05:00.000Z");
const latestVersion = 1_791_547_500;
const far = 999_999_999_999;

function read(body: object) {
  const parsed = parse(Buffer.from(JSON.stringify(body)), latest);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.notification;
}

describe("a value later than its signature allows", () => {
  it("is lowered to the limit everywhere in an upload", () => {
    const read_ = read({
      notification_type: "upload",
      timestamp: "9999-12-31T23:59:59Z",
      notification_context: { triggered_at: "9999-12-31T23:59:59.123456Z" },
      public_id: "a/b",
      version: far,
      resource_type: "image",
      type: "upload",
      secure_url: `https://res.cloudinary.com/demo/image/upload/v${far}/a/b.jpg`,
      moderation: [
        { kind: "manual", status: "approved", updated_at: "2099-01-01T00:00:00Z" },
        { kind: "aws_rek", status: "approved", updated_at: "2026-10-09T12:00:00Z" },
      ],
      eager: [
        {
          transformation: "w_100",
          secure_url: `https://res.cloudinary.com/demo/image/upload/w_100/v${far}/a/b.jpg`,
        },
      ],
    });
    expect(read_).toMatchObject({
      occurredAt: latest,
      assets: [
        {
          version: latestVersion,
          secure_url: `https://res.cloudinary.com/demo/image/upload/v${latestVersion}/a/b.jpg`,
        },
      ],
      decisions: [{ at: latest }, { at: new Date("2026-10-09T12:00:00Z") }],
      derived: [{ version: latestVersion }],
      body: { notification_context: { triggered_at: latest.toISOString() } },
    });
    expect(read_.clamped).toEqual([
      "timestamp",
      "version",
      "secure_url",
      "notification_context.triggered_at",
      "moderation[0].updated_at",
      "eager[0].secure_url",
    ]);
  });

  it("in a URL whose version is written with leading zeros", () => {
    const secure_url = "https://res.cloudinary.com/demo/image/upload/w_9/v09999999999999/a.png";
    expect(
      read({ notification_type: "eager", public_id: "a", eager: [{ transformation: "w_9", secure_url }] }),
    ).toMatchObject({ derived: [{ version: latestVersion }], clamped: ["eager[0].secure_url"] });
  });

  it("in each asset of a list or of an object by public id, also where only the URL has a version", () => {
    const url = (id: string) => `https://res.cloudinary.com/demo/image/upload/v${far}/${id}.png`;
    expect(
      read({ notification_type: "delete", resources: [{ public_id: "a", version: "999999999999999" }] }),
    ).toMatchObject({ assets: [{ version: latestVersion }], clamped: ["resources[0].version"] });
    expect(
      read({
        notification_type: "resource_tags_changed",
        resources: {
          "v99/c": { resource_type: "image", type: "upload", secure_url: url("v99/c"), added: ["x"] },
        },
      }),
    ).toMatchObject({
      changes: [{ asset: { public_id: "v99/c", version: latestVersion } }],
      clamped: ["resources.v99/c.secure_url"],
    });
  });

  it("in decisions by kind, and in their summary", () => {
    const { clamped } = read({
      notification_type: "moderation_summary",
      public_id: "a",
      moderation_updated_at: "2026-10-09T12:05:00.001Z",
      moderation: { manual: { status: "rejected", updated_at: "2077-01-01T00:00:00Z" }, aws_rek: "approved" },
    });
    expect(clamped).toEqual(["moderation_updated_at", "moderation.manual.updated_at"]);
  });

  it.each([
    ["an array nested 20,000 deep", "[".repeat(20_000) + "]".repeat(20_000)],
    ["an object that cannot be converted", '{"valueOf": 1, "toString": 1}'],
    ["true", "true"],
  ])("in no value of another kind: %s", (_what, value) => {
    const body = `{"notification_type": "teleported", "timestamp": ${value}, "created_at": "2077-01-01T00:00:00Z"}`;
    expect(parse(Buffer.from(body), latest)).toMatchObject({
      ok: true,
      notification: { type: "unknown", clamped: ["created_at"] },
    });
  });

  it("does not change user input and values within the limit", () => {
    const body = {
      notification_type: "upload",
      timestamp: latest.toISOString(),
      public_id: `v${far}/x`,
      version: latestVersion,
      resource_type: "image",
      context: { custom: { version: far, timestamp: "9999-01-01T00:00:00Z" } },
      metadata: { version: far },
      secure_url: `https://res.cloudinary.com/demo/image/upload/v${latestVersion}/v${far}/x.jpg`,
    };
    const notification = read(body);
    expect(notification.clamped).toBeUndefined();
    expect(notification).toMatchObject({ body });
  });
});
