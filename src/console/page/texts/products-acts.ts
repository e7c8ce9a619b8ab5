/** What operators do about the products' pictures, on the page of a notification. */
export const productsActsTexts = {
  productsActs: {
    byVisitor: "a visitor",
    uploader: "Uploaded by",
    untrusted: "Uploaded by a visitor, not approved",
    untrustedSays:
      "This asset is on no product. Approve its newest version in moderation, or trust the asset if you know the picture.",
    trust: "Trust this asset",
    trustLead:
      "The newest version goes on the product that the asset names. A version that is uploaded later needs an approval of its own.",
    removed: (pictures: number, assets: number) =>
      `Removed ${pictures === 1 ? "1 picture" : `${pictures} pictures`} from products (${assets === 1 ? "1 asset" : `${assets} assets`})`,
    removedSays: "If the assets were not deleted at Cloudinary, put their pictures back.",
    restore: "Restore what this notification removed",
    restoreGo: "Restore pictures",
    restoreLead:
      "The pictures go back on their products. Nothing changes at Cloudinary: a picture that was really deleted there is restored as a broken link.",
    restored: "An operator restored what this notification removed:",
    reset: "Reset this asset",
    resetLead:
      "What is known of the asset is forgotten, and Cloudinary is asked how it is now. Notifications received until now are ignored for it, also when they are replayed. Derived pictures come back with their next eager notification.",
    wasReset: "Reset by an operator:",
  },
};
