import { printable, styled } from "../output.ts";

/** What a listener tells, one line each. */
export type ListenEvent =
  | { event: "listening"; channel: string; url: string; found: boolean }
  | { event: "recorded"; type: string; publicId: string | null; id: string; timesSeen: number }
  | { event: "rejected"; type: string; publicId: string | null; status: number; reason: string }
  | { event: "waiting"; for: "Cloudinary" | "the receiver"; reason: string; seconds: number }
  | { event: "answering"; by: "Cloudinary" | "the receiver" }
  | { event: "not-acknowledged"; count: number; reason: string }
  | { event: "created-again" }
  | { event: "stopped"; removed: boolean; rejected: number; problem: string | null };

export function describeEvent(event: ListenEvent): string {
  switch (event.event) {
    case "listening":
      return event.found
        ? `Listening on poll://${event.channel} for ${event.url}. The trigger was left by an earlier run; what it kept comes first.`
        : `Listening on poll://${event.channel} for ${event.url}.`;
    case "recorded": {
      const repeat = event.timesSeen > 1 ? `, received ${event.timesSeen} times` : "";
      return line(event, `${styled("green", "recorded")} as ${event.id}${repeat}`);
    }
    case "rejected":
      return line(
        event,
        `${styled("red", "rejected")}: ${event.status} ${printable(event.reason)}. Not acknowledged: it is tried again every ten minutes`,
      );
    case "waiting":
      return `Waiting for ${event.for}: ${printable(event.reason)} Trying again in ${event.seconds} s.`;
    case "answering":
      return `${event.by === "Cloudinary" ? "Cloudinary" : "The receiver"} answers again.`;
    case "not-acknowledged":
      return `${event.count} recorded, but not acknowledged, so they come again as repeats: ${printable(event.reason)}`;
    case "created-again":
      return "The trigger was gone, and was created again.";
    case "stopped":
      return [
        event.removed
          ? "Stopped listening; the trigger is removed."
          : `Stopped listening. The trigger could not be removed: ${event.problem} The next start in this folder finds it.`,
        ...(event.rejected > 0
          ? [`Rejected and not acknowledged: ${event.rejected}. Their reasons are above.`]
          : []),
      ].join("\n");
    default:
      return event satisfies never;
  }
}

function line({ type, publicId }: { type: string; publicId: string | null }, outcome: string): string {
  const time = new Date().toTimeString().slice(0, 8);
  return [time, printable(type), ...(publicId === null ? [] : [printable(publicId)]), outcome].join("  ");
}
