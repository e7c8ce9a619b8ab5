/** Erasing what was recorded. */
export const eraseTexts = {
  erase: {
    button: "Erase…",
    assetTitle: "Erase everything recorded about this asset?",
    oneTitle: "Erase this notification?",
    lead: "Bodies, results, product rows and error texts are deleted from the database. Counts, states and times stay. This cannot be undone. Give a case number as the reason, no person: the reason stays.",
    scope: "What to erase",
    asset: "The asset",
    one: "This notification only",
    go: "Erase",
    notifications: (count: number) => (count === 1 ? "1 notification" : `${count} notifications`),
    deliveries: (count: number, open: number) =>
      `${count === 1 ? "1 delivery" : `${count} deliveries`}${open > 0 ? `, ${open} not settled: they are skipped` : ""}`,
    shared: (count: number) =>
      count === 1
        ? "1 body names other assets too; it is erased as a whole"
        : `${count} bodies name other assets too; they are erased as a whole`,
    publicId: "Public id",
    assetId: "Asset id",
    notDeleted:
      "The newest notification is no deletion: Cloudinary may still have the asset, and its next notification is recorded again.",
    unfinished: (left: number) =>
      `${left} ${left === 1 ? "notification is" : "notifications are"} being delivered and not erased yet. The sweep goes on with it.`,
    erased: "Erased",
    erasedLead:
      "The body and everything that named the asset were erased. A repeat of this notification is counted and brings nothing back.",
  },
};
