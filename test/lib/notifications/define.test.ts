import { describe, expect, it } from "vitest";
import { bytesOf, fixtureBytes, fixtureJson, parsed } from "./fixtures.ts";

describe("who and when", () => {
  it("takes the time from the context, then the decision, then the timestamp", () => {
    const moderation = fixtureJson("moderation.rejected");
    const context = { triggered_at: "2026-01-02T00:00:00Z" };
    const bodies = [
      { ...moderation, notification_context: context, timestamp: "2026-01-01T00:00:00Z" },
      {
        ...moderation,
        notification_context: undefined,
        moderation_updated_at: "2026-01-02T00:00:00Z",
        timestamp: "2026-01-01T00:00:00Z",
      },
      {
        ...moderation,
        notification_context: null,
        moderation_updated_at: null,
        timestamp: "2026-01-02T00:00:00+00:00",
      },
    ];
    for (const body of bodies)
      expect(parsed(bytesOf(body)).occurredAt).toEqual(new Date("2026-01-02T00:00:00Z"));
    const never = {
      ...moderation,
      notification_context: null,
      moderation_updated_at: "soon",
      timestamp: null,
    };
    expect(parsed(bytesOf(never))).not.toHaveProperty("occurredAt");
  });

  it("D10 keeps who triggered it, so that the receiver's own calls can be recognised", () => {
    expect(parsed(fixtureBytes("access_control_changed")).triggeredBy).toEqual({
      source: "api",
      id: "987654321012345",
    });
    expect(parsed(fixtureBytes("create_folder")).triggeredBy).toEqual({ source: "ui", id: "editor@orchard" });
    expect(parsed(fixtureBytes("moderation"))).not.toHaveProperty("triggeredBy");
    expect(parsed(fixtureBytes("upload"))).toMatchObject({ signatureKey: "987654321012345" });
  });
});
