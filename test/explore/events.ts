import fc from "fast-check";

/** Something that happens at Cloudinary, or on the schedule of the receiver. */
export interface Event {
  kind: "upload" | "approve" | "reject" | "delete" | "reconcile" | "resend";
  /** Which of the assets. */
  asset: number;
  /** Milliseconds after the event before. */
  gapMs: number;
}

export interface History {
  events: Event[];
  /** The decisions of the scheduler. */
  choices: number[];
}

const event: fc.Arbitrary<Event> = fc.record({
  kind: fc.constantFrom("upload", "approve", "approve", "reject", "reject", "delete", "reconcile", "resend"),
  asset: fc.nat(1),
  gapMs: fc.constantFrom(0, 50, 900, 1_500, 4_000, 30_000, 400_000),
});

/** An asset is uploaded first. Shrunk, a history has fewer events, and its scheduler decides as if nothing were special. */
export const histories: fc.Arbitrary<History> = fc.record({
  events: fc
    .array(event, { minLength: 1, maxLength: 7, size: "max" })
    .map((list): Event[] => [{ kind: "upload", asset: 0, gapMs: 0 }, ...list]),
  choices: fc.noBias(fc.array(fc.nat(9_999), { minLength: 0, maxLength: 900, size: "max" })),
});
