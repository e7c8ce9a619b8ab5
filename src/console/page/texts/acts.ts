import { own } from "../../../lib/shared/own.ts";
import { handlerWords } from "./handlers.ts";
import { moderationTexts } from "./moderation.ts";

export interface RecordedAct {
  act: string;
  handler: string | null;
  publicId: string | null;
  /** The effect on the picture. */
  followed: string | null;
  detail: unknown;
}

/** An operator action, named by its effect: "Deleted guests/vase". null: an action without a text. */
export function didWhat({ act, handler, publicId, followed, detail }: RecordedAct): string | null {
  const name = publicId ?? text(detail, "publicId") ?? text(detail, "assetId") ?? "a notification";
  switch (act) {
    case "approve":
    case "reject":
      return decided(act, { name, followed, outcome: text(detail, "outcome") });
    case "take-back":
      return outcomeOf(detail, `Took back the decision on ${name}`);
    case "release":
    case "replay":
      if (handler === "moderation" && followed === "delete") return `Deleted ${name}`;
      if (handler === "moderation" && followed === "publish") return `Published ${name}`;
      return handlerWords(handler, text(detail, "error")).didAgain(name);
    case "discard":
      return handlerWords(handler, text(detail, "error")).didLeave(name);
    case "trust":
      return outcomeOf(detail, `Added ${name} to its product`);
    case "reset":
      return outcomeOf(detail, `Discarded the recorded state of ${name}${read(detail)}`);
    case "restore":
      return outcomeOf(detail, `Restored the pictures that the deletion of ${name} removed`);
    case "backfill":
      return "Started a backfill of the library";
    case "forget":
      return "Erased recorded data";
    case "pause":
      return `Paused ${handler}`;
    case "resume":
      return `Resumed ${handler}`;
    case "mute":
      return `Muted the alert: ${text(detail, "what") ?? text(detail, "cause") ?? "unknown"}`;
    case "unmute":
      return `Unmuted the alert: ${text(detail, "what") ?? text(detail, "cause") ?? "unknown"}`;
    default:
      return null;
  }
}

function decided(
  act: "approve" | "reject",
  { name, followed, outcome }: { name: string; followed: string | null; outcome: string | null },
): string {
  if (outcome === "asked") return `Asked Cloudinary to ${act} ${name}; no response received`;
  if (outcome !== null && outcome !== "done")
    return `Could not ${act} ${name}: ${own(moderationTexts.board.problems, outcome) ?? outcome}`;
  if (followed === "delete") return `Rejected and deleted ${name}`;
  if (followed === "publish") return `Approved and published ${name}`;
  return `${act === "approve" ? "Approved" : "Rejected"} ${name}`;
}

const settled = new Set([null, "done", "forgotten"]);

/** What was asked for and not done says so. */
function outcomeOf(detail: unknown, did: string): string {
  const outcome = text(detail, "outcome");
  if (settled.has(outcome)) return did;
  const why =
    outcome === "asked"
      ? "no response received"
      : (own(moderationTexts.board.problems, outcome ?? "") ?? outcome);
  return `Not done: ${did.charAt(0).toLowerCase()}${did.slice(1)}. ${why}`;
}

function read(detail: unknown): string {
  switch (text(detail, "read")) {
    case "recorded":
      return " and read it again from Cloudinary";
    case "gone":
      return "; Cloudinary no longer has it";
    case "failed":
      return "; Cloudinary could not be read";
    default:
      return "";
  }
}

function text(detail: unknown, name: string): string | null {
  if (typeof detail !== "object" || detail === null || !Object.hasOwn(detail, name)) return null;
  const value: unknown = Reflect.get(detail, name);
  return typeof value === "string" ? value : null;
}
