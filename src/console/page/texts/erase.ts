/** Erasing recorded data. */
export const eraseTexts = {
  erase: {
    button: "Erase data…",
    assetTitle: "Erase everything recorded about this asset?",
    oneTitle: "Erase this notification?",
    lead: "Deletes bodies, results, product rows and error messages from the database. Counts, states and timestamps are kept. This cannot be undone. The reason is kept too: enter a case number, not a name.",
    scope: "What to erase",
    asset: "The asset",
    one: "This notification only",
    goAsset: "Erase asset's data",
    goOne: "Erase notification",
    notifications: (count: number) => (count === 1 ? "1 notification" : `${count} notifications`),
    deliveries: (count: number, open: number) =>
      `${count === 1 ? "1 delivery" : `${count} deliveries`}${open > 0 ? `, ${open} not finished (will be skipped)` : ""}`,
    shared: (count: number) =>
      count === 1
        ? "1 body also names other assets and is erased completely"
        : `${count} bodies also name other assets and are erased completely`,
    publicId: "Public ID",
    assetId: "Asset ID",
    notDeleted:
      "The latest notification is not a deletion. If Cloudinary still has the asset, its next notification is recorded again.",
    unfinished: (left: number) =>
      `${left} ${left === 1 ? "notification is" : "notifications are"} still being delivered. The sweep erases ${left === 1 ? "it" : "them"} when delivery ends.`,
    erased: "Erased",
    erasedLead:
      "The body and everything that identified the asset were erased. If this notification arrives again, it is counted but not stored.",
  },
};
