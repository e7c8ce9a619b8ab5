import { own } from "../../../lib/shared/own.ts";

/** What the handlers made, and what operators did. */
export const workTexts = {
  products: {
    search: "SKU or public id",
    tabs: { products: "Products", unmapped: "Unmapped assets" },
    empty: "No product has a picture yet.",
    unmappedEmpty: "Every asset with a picture has its product.",
    pictures: (count: number) => (count === 1 ? "1 picture" : `${count} pictures`),
    back: "Products",
    version: "version",
    superseded: "replaced since",
    failures: "Could not be made",
    unknownTo: (handlers: string) => `Not known to ${handlers}.`,
    noPictures: "This product has no picture now.",
    unmapped: {
      "no-sku": "no SKU",
      "sku-conflict": "several SKUs",
      "unknown-sku": "SKU not known to the PIM",
      untrusted: "not approved, uploaded by a visitor",
    },
    story: "Notifications",
  },
  board: {
    tabs: { pending: "Pending", decided: "Decided", held: "Held" },
    empty: {
      pending: "Nothing waits for a decision.",
      decided: "Nothing was decided yet.",
      held: "Nothing is held.",
    },
    more: (most: number) => `The newest ${most} are shown; decide some to see the others.`,
    approve: "Approve",
    reject: "Reject",
    release: "Release",
    approveTitle: (name: string) => `Approve ${name}`,
    rejectTitle: (name: string) => `Reject ${name}`,
    approveLead:
      "Tells Cloudinary. What that means for the asset follows when Cloudinary notifies the decision.",
    rejectLead:
      "Tells Cloudinary. By the settings a rejected asset may be deleted when Cloudinary notifies the decision.",
    optional: "Reason (may be empty)",
    sent: "Decided. Cloudinary's notification follows.",
    carriedOut: (action: string) => `carried out: ${action}`,
    action: (action: string) =>
      own({ none: "nothing carried out", hold: "left to a person" }, action) ?? action,
    open: "Notification",
    problems: {
      gone: "The asset is not there any more.",
      replaced: "The asset was replaced since this card was shown.",
      "not-pending": "It is not pending any more: somebody else decided.",
      "no-account": "There is no Cloudinary account (CLOUDINARY_URL).",
      "cloudinary-failed": "Cloudinary did not answer as it should. Nothing is known to have changed.",
    } as Readonly<Record<string, string>>,
  },
  mails: {
    empty: "No e-mail was planned yet.",
    columns: { subject: "About", state: "State", recipients: "Recipients", when: "Planned" },
    again:
      "Rendered again from the record with today's templates and settings. What went out may have looked different.",
    nothing: "Nothing is sent about this notification.",
    html: "As HTML",
    text: "As text",
    accepted: "Accepted for",
    refused: "Refused for",
    sentAt: "Sent at",
    back: "Mails",
    notification: "The notification",
  },
  acts: {
    lead: "Everything that operators did, newest first.",
    empty: "Nobody did anything yet.",
    columns: { at: "When", who: "Who", act: "Act", what: "What", reason: "Reason" },
  },
};
