/** Products, e-mails and the audit log. */
export const workTexts = {
  products: {
    search: "SKU or public ID",
    tabs: { products: "Products", unmapped: "Assets without a product" },
    empty: "No products with pictures yet.",
    unmappedEmpty: "Every asset with a picture has a product.",
    pictures: (count: number) => (count === 1 ? "1 picture" : `${count} pictures`),
    back: "Products",
    version: "version",
    superseded: "replaced by a newer version",
    failures: "Failed pictures",
    unknownTo: (handlers: string) => `Unknown to ${handlers}.`,
    noPictures: "This product has no pictures.",
    unmapped: {
      "no-sku": "no SKU",
      "sku-conflict": "several SKUs",
      "unknown-sku": "SKU unknown to the PIM",
      untrusted: "uploaded by a visitor, not approved",
    },
    story: "Notifications",
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
