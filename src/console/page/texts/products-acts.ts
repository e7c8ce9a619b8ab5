/** Operator actions on product pictures, on the page of a notification. */
export const productsActsTexts = {
  productsActs: {
    byVisitor: "a visitor",
    uploader: "Uploaded by",
    untrusted: "Uploaded by a visitor, not approved",
    untrustedSays:
      "This asset is not assigned to a product. Approve its latest version in Moderation, or add the picture to its product if you know it.",
    unconfirmed: ({ kinds, cloudinary }: { kinds: readonly string[]; cloudinary: string | null }) =>
      `A notification says that this version was approved (${kinds.join(", ")}). ${
        cloudinary === null
          ? "Cloudinary was not asked yet whether it was; the receiver asks again by itself."
          : `Cloudinary does not confirm it: ${atCloudinary(cloudinary)}.`
      } Until it is confirmed, the asset is not assigned to a product. To assign it, approve it in Moderation, or add the picture to its product if you know it.`,
    trust: "Add picture to product",
    trustLead:
      "Adds the latest version to the product that the asset names. Later versions need their own approval.",
    removed: (pictures: number, assets: number) =>
      `Removed ${pictures === 1 ? "1 picture" : `${pictures} pictures`} from products (${assets === 1 ? "1 asset" : `${assets} assets`})`,
    removedSays: "If the assets still exist in Cloudinary, restore their pictures.",
    restore: "Restore removed pictures",
    restoreGo: "Restore removed pictures",
    restoreLead:
      "Puts the pictures back on their products. Cloudinary is not changed: if a picture was deleted there, its link is broken.",
    restored: "Removed pictures restored by an operator:",
    reset: "Read asset again from Cloudinary",
    resetLead:
      "Discards the recorded state of this asset and reads its current state from Cloudinary. Notifications received so far are ignored for this asset, even when replayed. Derived pictures return with their next eager notification.",
    wasReset: "Read again by an operator:",
  },
};

/** What Cloudinary has instead of the approval. */
function atCloudinary(answer: string): string {
  if (answer === "none") return "it has no moderation of this kind";
  if (answer === "replaced") return "it has another version";
  if (answer === "gone") return "the asset does not exist there";
  return `its status there is ${answer}`;
}
