import { settings } from "../settings.ts";
import type { EmailSettings } from "../settings.types.ts";

/** A fault of the local stack, as `webhooks fault` names it and as the stack's control endpoints take it. */
export interface Fault {
  /** Of the control endpoint. */
  path: "faults" | "notification-faults" | "database";
  body: Record<string, unknown>;
  /** What happens as long as it lasts. */
  effect: string;
}

export const faultTargets = [
  "email",
  "sendgrid",
  "resend",
  "chat",
  "cloudinary",
  "akeneo",
  "rekognition",
  "database",
  "notifications",
] as const;
export type FaultTarget = (typeof faultTargets)[number];

/** How long a fault lasts, or how many requests it affects. */
export type Extent = { forMs: number } | { times: number };

/** null: the target has no such fault. */
export function faultOf(target: FaultTarget, kind: string, extent: Extent): Fault | null {
  switch (target) {
    case "email":
      return serviceFault(mailService(settings.email.provider), kind, extent);
    case "sendgrid":
    case "resend":
      return serviceFault(mailService(target), kind, extent);
    case "chat":
      return serviceFault({ service: "chat", effect: chatEffect }, kind, extent);
    case "cloudinary":
      return serviceFault({ service: "cloudinary", effect: callEffect("Cloudinary") }, kind, extent);
    case "akeneo":
      return serviceFault({ service: "akeneo", effect: callEffect("Akeneo") }, kind, extent);
    case "rekognition":
      return serviceFault({ service: "rekognition", effect: callEffect("Rekognition") }, kind, extent);
    case "database":
      return kind === "away" && "forMs" in extent
        ? {
            path: "database",
            body: { forMs: extent.forMs },
            effect:
              "The receiver cannot reach its database: hooks answer 503, so that Cloudinary retries, and nothing is delivered.",
          }
        : null;
    case "notifications":
      return notificationFault(kind, extent);
    default:
      return target satisfies never;
  }
}

/** The faults of a target, for error messages. */
export const kindsOf = (target: FaultTarget): string => {
  if (target === "database") return "away (with --for, not --times)";
  if (target === "notifications") return "lost, duplicate, delay or tamper (with --times, not --for)";
  return "a status from 400 to 599, hang, reset or lost-answer";
};

interface Service {
  service: "sendgrid" | "resend" | "chat" | "cloudinary" | "akeneo" | "rekognition";
  match?: string;
  effect: (kind: string) => string;
}

function mailService(provider: EmailSettings["provider"]): Service {
  return provider === "resend"
    ? { service: "resend", match: "POST /resend/emails", effect: resendEffect }
    : { service: "sendgrid", match: "POST /v3/mail/send", effect: mailEffect };
}

function serviceFault({ service, match, effect }: Service, kind: string, extent: Extent): Fault | null {
  const what = whatHappens(kind);
  if (what === null) return null;
  return {
    path: "faults",
    body: { service, ...(match !== undefined && { match }), ...what, ...extent },
    effect: effect(kind),
  };
}

function whatHappens(kind: string): Record<string, unknown> | null {
  if (/^[45]\d\d$/.test(kind)) return { kind: "status", status: Number(kind) };
  if (kind === "hang") return { kind: "hang" };
  if (kind === "reset") return { kind: "reset", when: "before-body" };
  return kind === "lost-answer" ? { kind: "reset", when: "after-work" } : null;
}

const isRetried = (kind: string): boolean => /^5|^4(08|20|29)$/.test(kind) || kind === "reset";

function mailEffect(kind: string): string {
  if (kind === "hang" || kind === "lost-answer" || kind === "reset")
    return "It is unknown whether the e-mail was sent: the delivery is put on hold as outcome-unknown, for an operator to decide.";
  return isRetried(kind)
    ? "The delivery is retried: at once, then after 30 s, 5 min and longer (deliver.retryDelaysMs), and fails permanently after the last retry."
    : "The provider rejects the e-mail permanently: the delivery is not retried. Mend the cause (--clear) and replay it.";
}

function chatEffect(kind: string): string {
  if (kind === "hang" || kind === "lost-answer" || kind === "reset")
    return "It is unknown whether the message was posted: the delivery is put on hold as outcome-unknown, for an operator to decide.";
  return isRetried(kind)
    ? mailEffect(kind)
    : "The webhook rejects the message permanently, as a revoked one does: the delivery fails. Mend the cause (--clear) and replay it: channels that have the message do not get it again.";
}

/** Resend recognises a request that is repeated. */
function resendEffect(kind: string): string {
  if (kind === "hang" || kind === "lost-answer" || kind === "reset")
    return "It is unknown whether the e-mail was sent: the request is repeated with the same Idempotency-Key, so that it is sent once.";
  return mailEffect(kind);
}

const callEffect =
  (name: string) =>
  (kind: string): string =>
    isRetried(kind) || kind === "hang" || kind === "lost-answer"
      ? `Calls of ${name} fail, and their deliveries are retried: at once, then after 30 s, 5 min and longer (deliver.retryDelaysMs).`
      : `Calls of ${name} are rejected.`;

const notificationKinds = new Map([
  ["lost", { kind: "drop", effect: "The emulator does not send its next notification." }],
  ["duplicate", { kind: "duplicate", effect: "The emulator sends its next notification twice." }],
  [
    "delay",
    { kind: "delay", delayMs: 30_000, effect: "The emulator sends its next notification 30 s late." },
  ],
  [
    "tamper",
    {
      kind: "tamper",
      effect: "The emulator signs its next notification with a wrong secret: it is rejected.",
    },
  ],
]);

function notificationFault(kind: string, extent: Extent): Fault | null {
  const found = notificationKinds.get(kind);
  if (found === undefined || !("times" in extent)) return null;
  const { effect, ...body } = found;
  return { path: "notification-faults", body: { ...body, times: extent.times }, effect };
}
