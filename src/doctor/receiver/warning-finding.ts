import { type Finding, failed, warning as mild } from "../finding.ts";
import { inWords } from "../in-words.ts";
import type { StuckCause } from "./signals.ts";
import type { Warning } from "./warnings.ts";

/** A warning of the receiver in words: what was found, why it matters, how to fix it. */
export function warningFinding(warning: Warning): Finding {
  switch (warning.kind) {
    case "no-upload":
      return mild("deliveries.no-upload", `No upload notification for ${warning.hours} hours`, {
        why: "If there were uploads, their notifications do not arrive.",
        fix: "Check the trigger or notification_url in Cloudinary, and that the site is public: `npx webhooks doctor --url https://<your site>`.",
      });
    case "only-reconciled":
      return mild(
        "deliveries.only-reconciled",
        `${warning.count} notifications of the last 24 hours never arrived; reconcile found them`,
        {
          why: "Cloudinary does not reach the receiver, or not always.",
          fix: "Check the trigger in Cloudinary, and the time in which the hooks answer.",
        },
      );
    case "sweep-late":
      return failed("deliveries.sweep", `The sweep last ran ${inWords(warning.minutes * 60)} ago`, {
        why: "It runs every five minutes. Retries are delayed.",
        fix: "Look for sweep under Functions in Netlify: its log says why it fails. Scheduled functions run on published production deploys only.",
      });
    case "clock":
      return mild(
        "database.clock",
        `The database clock is ${inWords(Math.abs(warning.aheadMs) / 1_000)} ${warning.aheadMs > 0 ? "ahead of" : "behind"} the function's clock`,
        {
          why: "The function's clock checks the timestamps of notifications, the database's schedules retries.",
          fix: "Synchronise the clock that is wrong (NTP).",
        },
      );
    case "overdue":
      return mild(
        "deliveries.overdue",
        `${warning.count} deliveries are overdue, the oldest for ${inWords(warning.minutes * 60)}`,
        {
          why: "Workers are too few, too slow, or not reached.",
          fix: "Check that the sweep runs and that deliver-background is deployed; a burst settles by itself.",
        },
      );
    case "dead":
      return mild(
        "deliveries.dead",
        `${warning.count} ${warning.count === 1 ? "delivery" : "deliveries"} failed permanently${causesInWords(warning.causes)}`,
        {
          why: "They are not retried.",
          fix: "See Needs attention in the console, or `npx webhooks list --state dead`: fix the cause, then replay or discard.",
        },
      );
    case "held":
      return mild(
        "deliveries.held",
        `${warning.count} ${warning.count === 1 ? "delivery is" : "deliveries are"} on hold${causesInWords(warning.causes)}`,
        {
          why: "They wait for a person.",
          fix: "See Needs attention in the console, or `npx webhooks list --state held`.",
        },
      );
    case "backlog": {
      const { handler, count, oldestAt } = warning.backlog;
      return mild(
        `deliveries.backlog-${handler}`,
        `${count} deliveries wait because the handler ${handler} is paused, the oldest since ${instant(oldestAt)}`,
        {
          why: "Nothing is delivered to it until it is resumed.",
          fix: `Resume ${handler} under Handlers in Health.`,
        },
      );
    }
    case "refused":
      return failed(
        "secrets.none-verified",
        `${warning.count} requests were rejected (${warning.reasons.join(", ")}), and no notification was verified ${warning.verifiedAt ? `since ${instant(warning.verifiedAt)}` : "yet"}`,
        {
          why: "Notifications from Cloudinary are probably lost: it sends each only four times.",
          fix: "See Rejected in the console, or run `npx webhooks doctor`. The usual cause is a wrong or expired secret in CLOUDINARY_WEBHOOK_SECRETS.",
        },
      );
    case "background-silent":
      return mild(
        "deliveries.background-silent",
        `deliver-background has not run since the notification of ${instant(warning.missedAt)}`,
        {
          why: "Deliveries wait for the sweep, up to five minutes.",
          fix: "Look for deliver-background under Functions in Netlify; the project must be public, since hooks call it over HTTPS.",
        },
      );
    case "recipient-refused": {
      const { recipient, cause, reason, key } = warning.recipient;
      return mild(
        `email.recipient-${key.slice(0, 12)}`,
        `E-mails to ${recipient} ${recipientWords[cause]}: ${reason}`,
        {
          why: "This person gets no e-mails; the other recipients do.",
          fix:
            cause === "rejected"
              ? "Correct the address in TO_RECIPIENTS, ALERT_RECIPIENTS or the rules in src/settings.ts."
              : "Correct the address, or remove it from the suppressions in SendGrid once the mailbox works.",
        },
      );
    }
    case "deletions":
      return mild(
        "moderation.deletions",
        `Moderation deleted ${warning.count} assets within an hour; the limit is ${warning.cap}`,
        {
          why: "Further deletions in this hour are put on hold.",
          fix: "If this is unexpected, pause the handler moderation in Health, and look at the decisions on the moderation board.",
        },
      );
    case "errors":
      return mild(
        "deliveries.errors",
        `${warning.percent}% of the delivery attempts in the last 24 hours failed`,
        {
          why: "A downstream service is unavailable, or rejects what it gets.",
          fix: "Open one of them in the console: each attempt has its error.",
        },
      );
    case "pictures-stale":
      return mild(
        "pim.pictures-stale",
        `${warning.count} signed ${warning.count === 1 ? "picture on a product has" : "pictures on products have"} an old address`,
        {
          why: "Their assets were renamed, and the API secret in CLOUDINARY_URL did not make their signatures, so the addresses stop working once caches expire.",
          fix: "Correct the secret in CLOUDINARY_URL and replay the rename, or generate the pictures again: call explicit with the same eager transformations.",
        },
      );
    case "pictures-removed":
      return mild(
        "deliveries.pictures-removed",
        `Delete notifications removed ${warning.count} pictures from products within an hour`,
        {
          why: "If this is unexpected, someone is deleting assets, or a secret is exposed.",
          fix: "Open the notifications of type delete in the console: each has a button to restore what it removed.",
        },
      );
    case "secret-ends":
      return mild(
        `secrets.${warning.name}`,
        `The secret ${warning.name} expires on ${warning.at.toISOString().slice(0, 10)}`,
        {
          why: "After that day, notifications that it signs are rejected.",
          fix: "Complete the rotation, or give it a later date in CLOUDINARY_WEBHOOK_SECRETS.",
        },
      );
    case "operator-token":
      return mild("environment.OPERATOR_TOKEN", warning.problem, {
        why: "This entry is ignored.",
        fix: "Create a token with `openssl rand -hex 24`.",
      });
    case "settings":
      return failed("environment.settings", warning.problem, {
        why: "What depends on it is not what the settings say.",
        fix: "Correct src/settings.ts, and deploy again.",
      });
    case "configuration":
      return mild("environment", warning.problem, {
        why: "The receiver works without it, or less safely.",
        fix: "See docs/going-live.md.",
      });
    case "no-account":
      return mild("environment.CLOUDINARY_URL", "CLOUDINARY_URL is not set", {
        why: "Moderation decisions cannot be carried out, and reconcile does not run.",
        fix: "Set CLOUDINARY_URL and deploy again.",
      });
    case "no-mail":
      return mild("environment.email", "E-mail is not configured", {
        why: "E-mails are skipped.",
        fix: "Set SENDGRID_API_KEY (or RESEND_API_KEY, with email.provider), FROM_VERIFIED_SENDER and TO_RECIPIENTS, and deploy again.",
      });
    default:
      return warning satisfies never;
  }
}

const recipientWords = {
  rejected: "are rejected by the mail provider",
  bounced: "bounce",
  dropped: "are dropped by SendGrid, which suppresses the address",
  spam: "were reported as spam",
} as const;

/** How many causes a line names. */
const maxCauses = 3;

/** `: email: SendGrid returned 401 (12), pim: …`; without the count if there is only one cause. */
function causesInWords(causes: readonly StuckCause[]): string {
  const named = causes
    .slice(0, maxCauses)
    .map(({ handler, cause, count }) => `${handler}: ${cause}${causes.length > 1 ? ` (${count})` : ""}`);
  if (causes.length > maxCauses) named.push("and others");
  return named.length === 0 ? "" : `: ${named.join("; ")}`;
}

const instant = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
