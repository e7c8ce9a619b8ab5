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
    lead: "What operators did, newest first.",
    empty: "No operator actions yet.",
    columns: { at: "When", who: "Who", what: "What", reason: "Reason" },
  },
};
