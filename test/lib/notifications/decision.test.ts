import { describe, expect, it } from "vitest";
import { bytesOf, fixtureBytes, fixtureJson, parsedAs } from "./fixtures.ts";

describe("decisions", () => {
  it("X14 reads decisions at the top level, in an upload's list and in a summary into the same form", () => {
    const at = new Date("2026-03-05T09:29:58Z");
    const decided = { kind: "aws_rek", status: "rejected", at };
    const wire = { kind: "aws_rek", status: "rejected", updated_at: "2026-03-05T09:29:58Z" };
    const moderation = {
      ...fixtureJson("moderation"),
      moderation_kind: wire.kind,
      moderation_status: wire.status,
      moderation_updated_at: wire.updated_at,
    };
    expect(parsedAs("moderation", bytesOf(moderation)).decisions).toEqual([decided]);
    expect(parsedAs("upload", bytesOf({ ...fixtureJson("upload"), moderation: [wire] })).decisions).toEqual([
      decided,
    ]);
    const summary = { notification_type: "moderation_summary", public_id: "inbox/user-7" };
    const { kind, ...verdict } = wire;
    for (const shape of [
      { moderation: [wire] },
      { moderation_summary: [wire] },
      { moderation_summary: { [kind]: verdict } },
    ])
      expect(parsedAs("moderation_summary", bytesOf({ ...summary, ...shape })).decisions).toEqual([decided]);
  });

  it("X14 adds the result of several moderations as a decision of kind `summary`", () => {
    expect(parsedAs("moderation_summary", fixtureBytes("moderation_summary")).decisions).toEqual([
      { kind: "aws_rek", status: "approved", at: new Date("2026-03-05T09:00:01Z") },
      { kind: "duplicate", status: "rejected", at: new Date("2026-03-05T09:29:58Z") },
      { kind: "manual", status: "aborted" },
      { kind: "summary", status: "rejected", at: new Date("2026-03-05T09:30:00Z") },
    ]);
    const bare = { notification_type: "moderation_summary", moderation_summary: "approved" };
    expect(parsedAs("moderation_summary", bytesOf(bare)).decisions).toEqual([
      { kind: "summary", status: "approved" },
    ]);
  });

  it("reads a summary by kind with statuses or complete decisions as values", () => {
    const { decisions } = parsedAs("moderation_summary", fixtureBytes("moderation_summary.by-kind"));
    expect(decisions).toEqual([
      { kind: "aws_rek", status: "approved" },
      { kind: "manual", status: "approved", at: new Date("2026-03-05T10:00:00Z") },
    ]);
  });

  it("removes the threshold from a kind", () => {
    expect(parsedAs("moderation", fixtureBytes("moderation.no-asset-id")).decisions).toMatchObject([
      { kind: "duplicate" },
    ]);
    expect(
      parsedAs("upload", fixtureBytes("upload.several-moderations")).decisions.map(({ kind, status }) => [
        kind,
        status,
      ]),
    ).toEqual([
      ["aws_rek", "approved"],
      ["duplicate", "pending"],
      ["manual", "queued"],
    ]);
  });

  it("D4 distinguishes an upload from the same upload with a decision", () => {
    const before = parsedAs(
      "upload",
      bytesOf({ ...fixtureJson("upload"), moderation: [{ kind: "manual", status: "pending" }] }),
    );
    const after = parsedAs(
      "upload",
      bytesOf({ ...fixtureJson("upload"), moderation: [{ kind: "manual", status: "approved" }] }),
    );
    expect(before.assets).toEqual(after.assets);
    expect(before.decisions).not.toEqual(after.decisions);
  });
});
