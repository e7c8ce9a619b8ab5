import type { Health } from "./health-data.ts";

type Warning = Health["warnings"][number];

/** A warning in words: what needs attention, and its likely cause. */
export function warningText(warning: Warning): string {
  switch (warning.kind) {
    case "no-upload":
      return `No upload notification for ${warning.hours} hours. If there were uploads, check the trigger or notification_url in Cloudinary, and that the site is publicly reachable.`;
    case "only-reconciled":
      return `${warning.count} notifications of the last 24 hours never arrived; reconcile found them. Check the trigger in Cloudinary.`;
    case "sweep-late":
      return `The sweep last ran ${warning.minutes} minutes ago. Retries are delayed.`;
    case "clock":
      return `The database clock is ${Math.round(Math.abs(warning.aheadMs) / 1_000)} s ${warning.aheadMs > 0 ? "ahead of" : "behind"} the function's clock, which checks the timestamps of notifications.`;
    case "overdue":
      return `${warning.count} deliveries are overdue, the oldest for ${warning.minutes} minutes.`;
    case "dead":
      return `${warning.count} ${warning.count === 1 ? "delivery" : "deliveries"} failed permanently.`;
    case "held":
      return `${warning.count} ${warning.count === 1 ? "delivery is" : "deliveries are"} on hold.`;
    case "errors":
      return `${warning.percent}% of the delivery attempts in the last 24 hours failed.`;
    case "pictures-removed":
      return `Delete notifications removed ${warning.count} pictures from products within an hour. If you did not expect that, open the notifications of type delete: each has a button to restore what it removed.`;
    case "secret-ends":
      return `The secret ${warning.name} expires on ${warning.at.slice(0, 10)}.`;
    case "operator-token":
      return `${warning.problem}. This entry is ignored.`;
    case "configuration":
      return `${warning.problem}.`;
    case "no-account":
      return "CLOUDINARY_URL is not set: moderation decisions cannot be carried out, and reconcile does not run.";
    case "no-mail":
      return "SendGrid is not configured: e-mails are skipped (SENDGRID_API_KEY, FROM_VERIFIED_SENDER, TO_RECIPIENTS).";
    default:
      return warning satisfies never;
  }
}
