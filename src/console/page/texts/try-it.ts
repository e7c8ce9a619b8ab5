/** The view that sends samples. */
export const tryItTexts = {
  tryIt: {
    lead: "Sends a sample through the receiver, signed by the server. It is verified and recorded like a notification from Cloudinary, marked as a sample, and given to no handler: nobody gets an e-mail, and no product and no picture changes.",
    kind: "Notification",
    sampleNames: {
      upload: "Picture uploaded",
      eager: "Format is ready",
      moderation: "Picture approved",
      tags: "Tags changed",
      delete: "Picture deleted",
      unreadable: "Body that is no JSON",
    },
    go: "Send signed sample",
    story: "What happened",
    nothing: "Send a sample, and its story appears here.",
    would: (handlers: string) => `From Cloudinary, it would have been delivered to ${handlers}.`,
    wouldNot: "From Cloudinary, it would have been recorded only: no handler is configured for this type.",
    open: "Open this notification",
    widget: "To try the whole way with a picture of your own, use the Upload Widget.",
  },
};
