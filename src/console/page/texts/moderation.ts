/** The Moderation view. Every action is named by its effect. */

const counted = (count: number, singular: string, plural: string) =>
  count === 1 ? `1 ${singular}` : `${count} ${plural}`;
const are = (count: number) => (count === 1 ? "is" : "are");

/** Names of an effect: on a button for one and for several, in the summary of a mixed selection, and once it is done. */
interface EffectWords {
  one: (noun: string) => string;
  many: (count: number, nouns: string) => string;
  follows: (count: number) => string;
  done: (name: string) => string;
}

export const effectTexts = {
  publish: {
    one: (noun) => `Publish ${noun}`,
    many: (count, nouns) => `Publish ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} published`,
    done: (name) => `Publishing ${name}.`,
  },
  delete: {
    one: (noun) => `Delete ${noun}`,
    many: (count, nouns) => `Delete ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} deleted`,
    done: (name) => `Deleting ${name}.`,
  },
  approve: {
    one: (noun) => `Approve ${noun}`,
    many: (count, nouns) => `Approve ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} approved and ${count === 1 ? "stays" : "stay"} hidden`,
    done: (name) => `Approved ${name}.`,
  },
  "keep-public": {
    one: () => "Keep public",
    many: (count) => `Keep ${count} public`,
    follows: (count) => `${count} ${count === 1 ? "stays" : "stay"} public`,
    done: (name) => `${name} stays public.`,
  },
  reject: {
    one: (noun) => `Reject ${noun}`,
    many: (count, nouns) => `Reject ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} rejected`,
    done: (name) => `Rejected ${name}.`,
  },
  hide: {
    one: () => "Keep hidden",
    many: (count) => `Keep ${count} hidden`,
    follows: (count) => `${count} ${count === 1 ? "stays" : "stay"} hidden`,
    done: (name) => `${name} stays hidden.`,
  },
  keep: {
    one: (noun) => `Keep ${noun}`,
    many: (count, nouns) => `Keep ${count} ${nouns}`,
    follows: (count) => `${count} ${are(count)} kept`,
    done: (name) => `${name} is kept.`,
  },
  check: {
    one: () => "Check again",
    many: (count) => `Check ${count} again`,
    follows: (count) => `${count} ${are(count)} checked again`,
    done: (name) => `Checking ${name} again.`,
  },
} as const satisfies Record<string, EffectWords>;

export const moderationTexts = {
  board: {
    tabs: { pending: "Pending", held: "On hold", decided: "Decided" },
    empty: {
      pending: "No pending decisions.",
      decided: "No decisions yet.",
      held: "No decisions on hold.",
    },
    emptyHint: 'Pictures uploaded with moderation, such as moderation: "manual", appear here.',
    more: (max: number) => `Showing the first ${max}. Decide some to see the others.`,
    folder: "Folder",
    anyFolder: "Any folder",
    kindLabel: "Kind of moderation",
    anyKind: "Any kind",
    size: "Size of the pictures",
    sizes: { S: "Small", M: "Medium", L: "Large" },
    blur: "Blur sensitive pictures",
    blurred: "blurred",
    reveal: "Show picture",
    revealAll: "Show pictures",
    order: "Order",
    orders: { oldest: "Oldest first", newest: "Newest first" },
    position: (at: number, all: string) => `${at} of ${all}`,
    choose: (name: string) => `Select ${name}`,
    chooseThis: "Select, to decide several at once",
    chosen: (count: number) => `${count} selected`,
    all: (text: string) => `All ${text}`,
    clear: "Clear",
    look: (name: string) => `View ${name}`,
    enlarge: "Enlarge",
    reason: "Reason",
    reasonRun: "Recorded in the audit log. Applies until you leave this view.",
    optional: "Reason (optional)",
    cap: (left: number, max: number) => `${left} of ${max} deletions left this hour`,
    capReached: (max: number) =>
      `The limit of ${max} deletions an hour is reached. Further rejections are put on hold.`,
    takeBack: "Take back",
    takenBack: (name: string) => `Decision on ${name} taken back.`,
    takenBackMany: (count: number) => `${count} decisions taken back.`,
    restricted: "Not public",
    public: "Public",
    noPicture: {
      "not-a-picture": "No preview for this file type.",
      restricted: "Not public. Only operators can view it.",
      "no-account": "Not public. Set CLOUDINARY_URL to view it here.",
      "other-cloud": "Not public, and in a different cloud from CLOUDINARY_URL. View it in Cloudinary.",
      "not-recorded": "No upload of this version was recorded, so its URL is unknown.",
    },
    failedPicture: "The picture could not be loaded. It may have been deleted, replaced or rejected.",
    lookOnly: "Read-only. Only operators can decide.",
    kind: {
      manual: "Manual moderation",
      google_video_moderation: "Google AI video moderation",
      aws_rek: "Amazon Rekognition",
      aws_rek_video: "Amazon Rekognition, video",
      webpurify: "WebPurify",
      perception_point: "Perception Point",
      duplicate: "Duplicate detection",
      summary: "All moderations combined",
      moderation: "Moderation",
    } as Readonly<Record<string, string>>,
    status: {
      pending: "pending",
      queued: "queued behind another moderation",
      approved: "approved",
      rejected: "rejected",
      "taken-back": "decision taken back",
      aborted: "ended without a decision",
      overridden: "overridden in Cloudinary",
      unknown: "unknown",
    } as Readonly<Record<string, string>>,
    /** Actions that were carried out. */
    outcome: {
      publish: "Published",
      delete: "Deleted",
      review: "Sent for review",
    } as Readonly<Record<string, string>>,
    planned: {
      none: "No action.",
      hold: "On hold.",
      publish: "Publishing.",
      delete: "Deleting.",
      review: "Being sent for review.",
      "would-publish": "Dry run: would be published.",
      "would-delete": "Dry run: would be deleted.",
    } as Readonly<Record<string, string>>,
    why: {
      removed: "The background was removed. The settings require a review before publishing.",
      manual: "Uploaded for manual moderation.",
      other: (kind: string) => `${kind} is pending.`,
      flagged: (kind: string) => `${kind} requests a manual review.`,
      takenBack: "The decision was taken back.",
    },
    open: "Notification",
    sent: "Sent. Waiting for confirmation from Cloudinary.",
    sentShort: "waiting for Cloudinary",
    playToSee: "This video is not public. Play it in the side panel.",
    others: (count: number) => `and ${count} more`,
    /** The effect of an action, below its button. */
    sentence: {
      publish: (as: string) => `Makes it public as ${as}.`,
      publishNow: "Makes it public.",
      delete: "Deletes it in Cloudinary, with all derived assets. This cannot be undone.",
      deleteLater: (wait: string) =>
        `Deletes it in Cloudinary, with all derived assets, after ${wait}. Until then you can take it back.`,
      approve: {
        hold: "Approves it in Cloudinary and puts it on hold. It stays hidden.",
        notify: "Approves it in Cloudinary and sends an e-mail. It stays hidden.",
        nothing: "Approves it in Cloudinary. It stays hidden.",
      },
      keepPublic: {
        hold: "Approves it in Cloudinary and puts it on hold. It is already public.",
        notify: "Approves it in Cloudinary and sends an e-mail. It is already public.",
        nothing: "Approves it in Cloudinary. It is already public.",
      },
      reject: {
        hold: "Rejects it in Cloudinary and puts it on hold. Nothing is deleted.",
        notify: "Rejects it in Cloudinary and sends an e-mail. Nothing is deleted.",
        nothing: "Rejects it in Cloudinary. Nothing is deleted.",
      },
      hide: "No further action. It stays hidden and is not deleted.",
      keep: "No further action. It is not changed.",
      takeBack: "It waits for a decision again. If it was published, it is restricted again.",
      check: "Checks again whether the decision can be carried out.",
    },
    dialog: {
      lead: (follows: string) => `${follows}.`,
      irreversible: "This cannot be undone.",
      overrides: "This overrides an earlier decision or a rule.",
      cap: (left: number, max: number) => `${left} of ${max} deletions are left this hour.`,
      beyond: (count: number) =>
        `${counted(count, "deletion is", "deletions are")} over the limit and will be put on hold.`,
    },
    progress: (done: number, all: number) => `${done} of ${all}`,
    several: (count: number) => `${count} decided.`,
    partly: (done: number, all: number, why: string) => `${done} of ${all} decided. ${why}`,
    problems: {
      gone: "The asset no longer exists.",
      replaced: "The asset was replaced in the meantime. Review the new version.",
      "not-pending": "Another operator has already decided.",
      "not-replayable": "It is no longer on hold.",
      "deletions-differ": "What this deletes has changed in the meantime. Check the picture again.",
      "not-held-or-dead": "It is no longer on hold.",
      "no-account": "No Cloudinary account is configured (CLOUDINARY_URL).",
      "cloudinary-failed": "The request to Cloudinary failed. The decision may not have been recorded.",
      "nothing-to-take-back": "Cloudinary has not confirmed the decision yet. Try again in a moment.",
      "in-progress": "The decision is being carried out. Try again in a moment.",
      deleted: "The picture was deleted. This cannot be undone.",
      "viewers-only-read": "Your token is read-only. Only operators can decide.",
    } as Readonly<Record<string, string>>,
    keys: {
      move: "move",
      choose: "select",
      enlarge: "enlarge",
      takeBack: "take back",
    },
    nouns: {
      image: ["picture", "pictures"],
      video: ["video", "videos"],
      raw: ["file", "files"],
    } as Readonly<Record<string, readonly [string, string]>>,
  },
  close: "Close",
};
