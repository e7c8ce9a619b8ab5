import type { Health } from "./health-data.ts";

type Warning = Health["warnings"][number];

/** What an operator should look into, and what may be behind it. */
export function warningText(warning: Warning): string {
  switch (warning.kind) {
    case "no-upload":
      return `No upload was notified for ${warning.hours} hours. If people did upload, the webhook is lost: look at the trigger or notification_url at Cloudinary, and whether the site is public.`;
    case "only-reconciled":
      return `${warning.count} notifications of the last day never arrived and were found by reconcile. The webhook loses some.`;
    case "sweep-late":
      return `The sweep last came ${warning.minutes} minutes ago. Retries wait for it.`;
    case "clock":
      return `The database's clock is ${Math.round(Math.abs(warning.aheadMs) / 1_000)} s ${warning.aheadMs > 0 ? "ahead of" : "behind"} the function's. Timestamps are judged by the function's.`;
    case "overdue":
      return `${warning.count} deliveries are overdue, the oldest for ${warning.minutes} minutes.`;
    case "dead":
      return `${warning.count} dead ${warning.count === 1 ? "letter waits" : "letters wait"} for a person.`;
    case "held":
      return `${warning.count} held ${warning.count === 1 ? "delivery waits" : "deliveries wait"} for a person.`;
    case "errors":
      return `${warning.percent} % of the attempts of the last day failed.`;
    case "pictures-removed":
      return `Delete notifications removed ${warning.count} pictures from products within an hour. If nobody deleted that many at Cloudinary, open the notifications of type delete: each has a button that restores what it removed.`;
    case "secret-ends":
      return `The secret ${warning.name} ends on ${warning.at.slice(0, 10)}.`;
    case "operator-token":
      return `${warning.problem}. This entry does not open the console.`;
    case "configuration":
      return `${warning.problem}.`;
    case "no-account":
      return "CLOUDINARY_URL is not set: moderation cannot be carried out, and nothing is reconciled.";
    case "no-mail":
      return "SendGrid is not configured: e-mails are skipped (SENDGRID_API_KEY, FROM_VERIFIED_SENDER, TO_RECIPIENTS).";
    default:
      return warning satisfies never;
  }
}
