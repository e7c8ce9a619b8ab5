import { property } from "../../lib/shared/json.ts";
import type { deliveryStates } from "./record.ts";

export type DeliveryState = (typeof deliveryStates)[number];

/** The outcome of a notification, or of one delivery, in words. */
export interface Outcome {
  state: DeliveryState;
  handler: string;
  /** "E-mail failed". */
  title: string;
  /** The reason code of a held or skipped delivery, or the error. */
  reason: string | null;
  /** The reason in a few words: "it may have been sent already". */
  detail: string | null;
  /** When a queued delivery is attempted. */
  dueAt: string | null;
  /** The attempts so far. */
  attempts: number;
  /** The number of other open deliveries. */
  others: number;
}

export interface OutcomeSource {
  handler: string;
  state: DeliveryState;
  attempts: number;
  lastError: string | null;
  dueAt: string;
  result: unknown;
}

const names = new Map([
  ["email", "E-mail"],
  ["pim", "PIM"],
  ["pim:webhook", "PIM push"],
  ["pim:akeneo", "Akeneo"],
  ["moderation", "Moderation"],
  ["faces", "Faces"],
  ["faces:rekognition", "Face recognition"],
  ["chat", "Chat"],
]);

/** The name of a handler in the console. */
export function handlerName(handler: string): string {
  return names.get(handler) ?? handler.charAt(0).toUpperCase() + handler.slice(1);
}

/** The most severe first: failed, on hold, retried, queued. */
function severity({ state, attempts }: OutcomeSource): number {
  if (state === "dead") return 5;
  if (state === "held") return 4;
  if (state === "due" && attempts > 0) return 3;
  if (state === "due" || state === "running") return 2;
  return state === "done" ? 1 : 0;
}

/** The outcome of the most severe delivery; null if there is none. */
export function outcomeOf(deliveries: readonly OutcomeSource[]): Outcome | null {
  const [worst, ...rest] = deliveries.toSorted((a, b) => severity(b) - severity(a));
  if (worst === undefined) return null;
  const isOpen = severity(worst) > 1;
  const others = isOpen
    ? rest.filter((delivery) => severity(delivery) > 1).length
    : rest.filter(({ state }) => state === "done").length;
  if (!isOpen) return { ...one(worst), title: finished(deliveries), others: 0 };
  return { ...one(worst), others };
}

function one(delivery: OutcomeSource): Outcome {
  const { handler, state, lastError, dueAt, attempts } = delivery;
  const failing = state === "dead" || state === "held" || state === "skipped" || state === "due";
  const reason = failing ? lastError : null;
  return {
    state,
    handler,
    title: titleOf(delivery),
    reason,
    detail: reason && detailOf(state, reason),
    dueAt: state === "due" ? dueAt : null,
    attempts,
    others: 0,
  };
}

function titleOf(delivery: OutcomeSource): string {
  const name = handlerName(delivery.handler);
  switch (delivery.state) {
    case "dead":
      return `${name} failed`;
    case "held":
      return delivery.handler === "moderation" ? "Waits for a decision" : `${name} on hold`;
    case "due":
      return delivery.attempts > 0 ? `${name} is retried` : `${name} is queued`;
    case "running":
      return `${name} is running`;
    case "skipped":
    case "done":
      return finished([delivery]);
    default:
      return delivery.state satisfies never;
  }
}

/** What the handlers did, in one line: "Published, 2 e-mails sent". */
function finished(deliveries: readonly OutcomeSource[]): string {
  const did = deliveries.filter(({ state }) => state === "done").map(didWhat);
  const parts = [...new Set(did)].filter((part) => part !== "");
  if (parts.length === 0) return did.length > 0 ? "Done, nothing to change" : "Nothing to do";
  const text = parts.join(", ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function didWhat({ handler, result }: OutcomeSource): string {
  if (handler === "email") {
    const accepted = property(result, "accepted");
    const count = Array.isArray(accepted) ? accepted.length : typeof accepted === "number" ? accepted : 1;
    // None: the answer was lost, and an event of the provider confirmed the mail.
    return count <= 1 ? "e-mail sent" : `e-mail sent to ${count} people`;
  }
  if (handler === "chat") {
    const channels = list(property(result, "accepted")).filter((name) => typeof name === "string");
    return channels.length === 0 ? "message posted" : `message posted to ${channels.join(", ")}`;
  }
  if (handler === "moderation") return actions.get(String(property(result, "action"))) ?? "";
  if (handler === "pim") return products(result);
  if (handler === "faces") return ""; // It plans the recognition.
  if (handler === "faces:rekognition") return faces(result);
  if (handler.includes(":")) return `${handlerName(handler)} updated`;
  return `${handlerName(handler)} done`;
}

const actions = new Map([
  ["publish", "published"],
  ["delete", "deleted"],
  ["notify", "e-mail queued"],
  ["review", "sent to review"],
]);

function faces(result: unknown): string {
  const outcome = property(result, "outcome");
  if (property(result, "as") === "training")
    return outcome === "rejected" ? "training picture not used" : outcome === "indexed" ? "face indexed" : "";
  if (outcome === "unreadable") return "picture not readable";
  if (outcome !== "looked-at") return "";
  const recognised = property(result, "recognised");
  if (recognised === 0) return "nobody recognised";
  return recognised === 1 ? "1 person recognised" : `${recognised} people recognised`;
}

/** The products of the assets after the change. */
function products(result: unknown): string {
  const assets = property(result, "assets");
  if (!Array.isArray(assets)) return "products checked";
  const skus = [
    ...new Set(assets.flatMap((asset) => [property(asset, "sku"), ...list(property(asset, "products"))])),
  ].filter((sku) => typeof sku === "string");
  if (skus.length === 0) return "on no product";
  return skus.length === 1 ? `product ${skus[0]} updated` : `${skus.length} products updated`;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Reason codes in a few words; an error is its own text. */
function detailOf(state: DeliveryState, reason: string): string {
  return (state === "dead" || state === "due" ? undefined : reasons.get(reason)) ?? shortened(reason);
}

const shortened = (text: string) => (text.length > 160 ? `${text.slice(0, 159)}…` : text);

const reasons = new Map([
  ["outcome-unknown", "it may have been sent already"],
  ["kinds-disagree", "moderations disagree"],
  ["awaits-person", "an operator must confirm"],
  ["deletion-cap", "the hourly deletion limit is reached"],
  ["restricted-by-delivery-type", "restricted by its delivery type"],
  ["restricted-by-access-mode", "restricted by its access mode"],
  ["access-has-dates", "its access has dates"],
  ["access-control-kept", "Cloudinary did not change the access"],
  ["name-taken", "the target name is taken"],
  ["already-deleted", "approved after it was deleted"],
  ["already-decided", "decided before"],
  ["background-removal-failed", "the background could not be removed"],
  ["version-unknown", "the version is unknown"],
  ["asset-unknown", "the asset is unknown"],
  ["not-confirmed", "Cloudinary did not confirm the decision"],
  ["other-cloud", "it belongs to another cloud"],
  ["no-account", "no Cloudinary account is configured"],
  ["replaced", "the picture was replaced"],
  ["gone", "the asset no longer exists"],
  ["erased", "erased"],
  ["discarded", "discarded by an operator"],
  ["preview", "not from a preview"],
  ["no-recipients", "no recipients are configured"],
  ["not-wanted", "turned off in the settings"],
  ["nothing-to-report", "nothing to report"],
  ["no-decision", "no decision in it"],
  ["not-about-faces", "does not concern faces"],
  ["faces-off", "the handler faces is off"],
  ["not-about-products", "does not concern products"],
  ["sku-conflict", "the asset names several SKUs"],
  ["sku-list", "a field lists several SKUs"],
  ["nothing-to-do", "no action for this decision"],
  ["not-restricted", "already public"],
  ["carried-out", "already carried out"],
  ["overtaken", "a later decision applies"],
  ["undecided", "other moderations are pending"],
]);
