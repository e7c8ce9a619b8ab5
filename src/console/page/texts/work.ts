/** Products, e-mails and the audit log. */
export const workTexts = {
  products: {
    search: "SKU or public ID",
    tabs: { products: "Products", unmapped: "Assets without a product" },
    empty: "No products with pictures yet.",
    unmappedEmpty: "Every asset with a picture has a product, and every asset with a product has a picture.",
    withoutPicture: "Assets without a picture here",
    withoutPictureLead: "They are or were assigned to this product. Their notifications say what happened.",
    contents: (pictures: number, files: number) =>
      [
        ...(pictures > 0 || files === 0 ? [pictures === 1 ? "1 picture" : `${pictures} pictures`] : []),
        ...(files > 0 ? [files === 1 ? "1 file" : `${files} files`] : []),
      ].join(", "),
    files: "Files",
    alsoOn: "Also on",
    back: "Products",
    version: "version",
    superseded: "replaced by a newer version",
    stale: "old address: not signed for the new name",
    failures: "Failed pictures",
    unknownTo: (handlers: string) => `Unknown to ${handlers}.`,
    noPictures: "This product has no pictures.",
    unmapped: {
      "no-sku": "no SKU",
      "sku-conflict": "several SKUs",
      "sku-list": "list of SKUs in one field",
      "not-approved": "not approved",
      "no-picture": "known, no picture yet",
      "unknown-sku": "SKU unknown to the PIM",
      untrusted: "uploaded by a visitor, not approved",
      "approval-not-confirmed": "uploaded by a visitor, approval not confirmed by Cloudinary",
    },
    story: "Notifications",
    backfill: {
      button: "Read the library…",
      title: "Read the library from Cloudinary",
      lead: "Lists all assets at Cloudinary and records those of which no upload notification was received, such as assets that are older than the receiver. No e-mails are sent and no moderation decisions are carried out. An interrupted run continues where it stopped.",
      visitors:
        "Cloudinary does not say who uploaded an asset: list the folders that visitors upload to in pim.untrusted first.",
      count: "Count only",
      go: "Read the library",
      counts: (listed: number, recorded: number, dryRun: boolean) =>
        `${listed} assets listed, ${recorded} ${dryRun ? "would be recorded" : "recorded"}.`,
      finished: "Finished.",
      limit: "The hourly limit of the Admin API is reached: continue in an hour.",
    },
  },
  mails: {
    empty: "No e-mails yet.",
    columns: { subject: "Subject", state: "State", recipients: "Recipients", when: "Queued" },
    again:
      "Rendered from the record with the current templates and settings. The e-mail that was sent may have looked different.",
    nothing: "No e-mail is sent for this notification.",
    html: "HTML",
    text: "Plain text",
    accepted: "Accepted recipients",
    refused: "Rejected recipients",
    sentAt: "Sent",
    back: "E-mails",
    notification: "Notification",
  },
  acts: {
    lead: "Operator actions, newest first.",
    empty: "No operator actions yet.",
    columns: { at: "Time", who: "Operator", what: "Action", reason: "Reason" },
  },
};
