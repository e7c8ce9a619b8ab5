/** Deliveries that need an operator. */
export const attentionTexts = {
  stuck: {
    lead: (parts: string) => parts,
    tabs: { all: "All", dead: "Failed", held: "On hold" },
    failed: (count: number) => `${count} failed`,
    held: (count: number) => `${count} on hold`,
    todo: "What to do:",
    says: "Message:",
    seems: {
      fixed: "The cause seems fixed: it worked again",
      open: "No success since the last failure,",
    },
    tryOne: "Try one",
    trying: (name: string) => `Trying ${name}…`,
    worked: (name: string) => `It worked for ${name}.`,
    stillQueued: (name: string) => `${name} is queued. The result will appear here.`,
    again: (name: string) => `It failed again for ${name}`,
    tryReason: "Tried one to see whether the cause is fixed",
    moreRows: (count: number) => `Show ${count} more`,
    selected: (count: number) => `${count} selected`,
    select: (name: string) => `Select ${name}`,
    clear: "Clear",
    more: (name: string) => `More for ${name}`,
    moreForCause: "More for this cause",
    open: "Open notification",
    toPeople: "E-mail",
    order: { newest: "Newest first", oldest: "Oldest first" },
    handler: "Handler",
    emptyTitle: "Nothing waits for you",
    emptySays: "Deliveries that fail permanently, or that need an operator, appear here by cause.",
    lastAct: "Last action:",
    without: (name: string) => `Without “${name}”`,
    decide: "Decide in Moderation",
    keepHidden: "Keep picture unchanged",
    look: "Read-only. Only operators can replay or discard deliveries.",
    progress: (done: number, left: number) => `${done} done, ${left} left`,
    stop: "Stop",
    stopped: (done: number) => `Stopped after ${done}.`,
    finished: (done: number) => `${done} done.`,
    toQueued: "Show in the inbox",
    recent: "Used before",
  },
  /** Causes of holds, with what to do. */
  heldCauses: {
    "outcome-unknown": {
      title: "It is unknown whether the message was sent",
      todo: "Look for it in the activity of your mail provider, or in the chat. If it is there, mark it as sent. If it is not, send it again.",
    },
    "awaits-person": {
      title: "A rejected picture waits for an operator",
      todo: "Look at the picture, then delete it or keep it.",
    },
    "not-confirmed": {
      title: "Decision not confirmed",
      // Each of them says what to do about it (`withheld`).
      todo: null,
    },
    "deletion-cap": {
      title: "The hourly deletion limit was reached",
      todo: "Look at the pictures: so many deletions in an hour may be a mistake.",
    },
  } as Readonly<Record<string, { title: string; todo: string | null }>>,
  /** What a replay would delete. */
  deletions: {
    title: "Deletes this picture",
    among: (count: number) =>
      count === 1 ? "1 of them deletes a picture" : `${count} of them delete a picture`,
    lead: "Deletes it in Cloudinary, with all derived assets. This cannot be undone.",
    unnamed: "A picture without a public ID",
    include: (count: number) => (count === 1 ? "Delete this picture" : `Delete these ${count} pictures`),
    includeHint: "Otherwise, these deliveries are left out.",
    withheld: (count: number) =>
      `${count === 1 ? "1 delivery that would delete a picture was" : `${count} deliveries that would delete a picture were`} left out. To delete, start again and include the deletions, or use the delivery's own button.`,
    notIncluded: "The deletion of the picture is not included. Start it with the delivery's own button.",
    loading: "The effect on the pictures is still being checked. Try again in a moment.",
  },
  /** Decisions that Cloudinary does not confirm. */
  withheld: {
    title: {
      delete: "Deletion withheld.",
      publish: "Publication withheld.",
      review: "Review not requested.",
    },
    inList: { delete: "deletion withheld", publish: "publication withheld", review: "review not requested" },
    signedBy: (secret: string | null) =>
      secret === null
        ? "The decision is no longer Cloudinary's."
        : `The decision has the signature of the secret “${secret}”, but Cloudinary does not confirm it.`,
    cloudinary: (statuses: string | null) =>
      statuses === null ? "Cloudinary has no moderation of this version." : `Cloudinary has: ${statuses}.`,
    toDo: {
      delete:
        "To delete the picture, reject it in Moderation or at Cloudinary. Otherwise keep it. If nobody changed the decision since, somebody else may sign with this secret: replace it.",
      publish:
        "To publish the picture, approve it in Moderation or at Cloudinary. Otherwise keep it hidden. If nobody changed the decision since, somebody else may sign with this secret: replace it.",
      review:
        "If the picture needs a review, request it at Cloudinary. If its background was not removed there, somebody else may sign with this secret: replace it.",
    },
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
    "no-recipients": "No recipients configured (TO_RECIPIENTS, CHAT_WEBHOOKS, settings).",
    "not-wanted": "The settings turn off messages about this event.",
    "nothing-to-report": "Nothing to report.",
    preview: "Nothing is posted to chats from a preview.",
    "no-decision": "The notification contains no moderation decision.",
    "not-about-products": "Notifications of this type do not change products.",
    "sku-conflict": "The asset names several SKUs, so it is not assigned to any product.",
    "sku-list":
      "A field contains a list of SKUs as one text, so the asset is not assigned to any product. The setting pim.skuLists can read it as several SKUs.",
    "nothing-to-do": "The settings define no action for this decision.",
    "not-restricted": "The asset is already public.",
    "carried-out": "This decision was already carried out.",
    overtaken: "Superseded by a later decision.",
    undecided: "Other moderations of this asset are still pending.",
    gone: "The asset no longer exists.",
  } as Readonly<Record<string, string>>,
  held: {
    "outcome-unknown":
      "The worker stopped while sending, so it is unknown whether the message was sent. Check the mail provider's activity, or the chat: if it is there, mark it as sent; otherwise send it again.",
    "kinds-disagree": "One moderation approved the asset, another rejected it. Decide in Cloudinary.",
    "awaits-person": "The settings require an operator to confirm this decision.",
    "deletion-cap": "The hourly deletion limit was reached.",
    "restricted-by-delivery-type":
      "The asset is restricted by its delivery type. Publishing changes it to the delivery type upload.",
    "restricted-by-access-mode":
      "The asset is restricted by the legacy access mode, which the receiver does not change. Publish it in Cloudinary.",
    "access-has-dates": "The access control of the asset has start or end dates. Publishing removes them.",
    "access-control-kept":
      "Cloudinary accepted the request but did not change the access. Check the asset in Cloudinary.",
    "name-taken": "Another asset already uses the target public ID. Rename one of them first.",
    "already-deleted": "The asset was approved after it had been deleted.",
    "background-removal-failed": "The background could not be removed.",
    "version-unknown": "The notification does not contain the version of the asset.",
    "asset-unknown": "The notification does not identify the asset.",
    "not-confirmed": "Cloudinary did not confirm the decision, so nothing was changed.",
    "other-cloud":
      "The signature or the delivery URL belongs to another cloud. If you use a custom delivery host, add it to the setting moderation.ownHosts.",
    "no-account": "No Cloudinary account is configured (CLOUDINARY_URL).",
    replaced: "The asset was replaced. The decision applied to an earlier version.",
    gone: "The asset no longer exists.",
  } as Readonly<Record<string, string>>,
};
