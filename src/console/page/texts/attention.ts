/** What waits for a person, and what to do about it. */
export const stuckTexts = {
  stuck: {
    deadLead: "These failed and are not tried again. Fix the cause, then try them again.",
    heldLead: "These stopped before something that a person should decide.",
    deadEmpty: "Nothing failed.",
    heldEmpty: "Nothing is held.",
    group: "By cause",
    each: "Individual deliveries",
    decide: "Decide in Moderation",
    decideLead: "Moderation shows each picture with what a decision does.",
    progress: (done: number, left: number) => `${done} done, ${left} left`,
    stop: "Stop",
    stopped: (done: number) => `Stopped after ${done}.`,
    finished: (done: number) => `${done} done.`,
    all: "Everything shown",
    filterHandler: "Handler",
    filterType: "Type",
  },
  /** Why a body could not be read as a notification. */
  unreadable: {
    empty: "The body is empty.",
    "not-utf-8": "The body is not valid UTF-8.",
    "byte-order-mark": "The body starts with a byte order mark, which JSON does not allow.",
    "not-json": "The body is not JSON.",
    "not-an-object": "The body is JSON, but not an object.",
  } as Readonly<Record<string, string>>,
  /** Why a handler skipped a delivery. */
  skipped: {
    erased: "The notification was erased.",
    "no-recipients": "No recipients configured (TO_RECIPIENTS, settings).",
    "not-wanted": "The settings turn off e-mail for this event.",
    "nothing-to-report": "Nothing to report by e-mail.",
    "no-decision": "The notification contains no moderation decision.",
    "not-about-products": "Notifications of this type do not change products.",
    "sku-conflict": "The asset names several SKUs, so it is not assigned to any product.",
    "nothing-to-do": "The settings define no action for this decision.",
    "not-restricted": "The asset is already public.",
    "carried-out": "This decision was already carried out.",
    overtaken: "Superseded by a later decision.",
    undecided: "Other moderations of this asset are still pending.",
    gone: "The asset no longer exists.",
  } as Readonly<Record<string, string>>,
  held: {
    "outcome-unknown":
      "The worker stopped while it was sending, so nobody knows whether the e-mail went out. Look for it in SendGrid's activity. It is there: mark it as sent. It is not: send it again.",
    "kinds-disagree": "One kind of moderation approved, another rejected. Decide it in Cloudinary.",
    "awaits-person": "The settings ask a person before this decision is carried out.",
    "deletion-cap": "The limit of deletions in one hour was reached.",
    "restricted-by-delivery-type":
      "It is restricted by its delivery type. Publishing gives it the delivery type upload.",
    "restricted-by-access-mode":
      "It is restricted by the older access mode, which the receiver does not change. Open it in Cloudinary.",
    "access-has-dates": "Its access control has dates. Publishing removes them.",
    "access-control-kept":
      "Cloudinary took the call and left the access as it was. Look at it in Cloudinary.",
    "name-taken": "Another asset has the name that it would get. Move one of them first.",
    "already-deleted": "It was approved after it had been deleted.",
    "background-removal-failed": "Its background could not be removed.",
    "version-unknown": "The notification does not say which version it is about.",
    "asset-unknown": "The notification does not say which asset it is about.",
    "not-confirmed": "Cloudinary does not confirm the decision, so nothing was done.",
    "other-cloud":
      "The signature or the delivery URL is of another cloud than the receiver's. Add hosts of your own to the setting moderation.ownHosts.",
    "no-account": "There is no Cloudinary account (CLOUDINARY_URL), so that nothing can be carried out.",
    replaced: "The asset was replaced since. The decision was about a version that is gone.",
    gone: "The asset is not there any more.",
  } as Readonly<Record<string, string>>,
};
